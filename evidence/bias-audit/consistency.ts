import { Fault } from '../../common/fault.ts'
import type { AuditedAttribute, AuditedGroup, BiasAudit } from './bias-audit.ts'
import { fairnessMetrics, impactRatios } from './metrics.ts'

/** Tolerance for figures that people rounded. */
const tolerance = 1e-6

const maxListed = 10

/**
 * Lists where an audit contradicts its own counts, each as
 * `attributes[0].groups[1].n: found 10, expected 11`: duplicate names, counts that do not add up, more
 * members than rows, figures that do not follow from the counts. The figures of an attribute are checked
 * only if its counts are right, so that one mistake gives one line.
 */
export function inconsistencies(audit: BiasAudit): readonly string[] {
  const names = audit.attributes.map(({ name }) => name)
  return audit.attributes.flatMap((attribute, at) => {
    const field = `attributes[${at}]`
    const wrong = [
      ...repetition(names, at, field),
      ...wrongColumns(attribute, names, field),
      ...attribute.groups.flatMap((group, index) => [
        ...repetition(
          attribute.groups.map(({ name }) => name),
          index,
          `${field}.groups[${index}]`
        ),
        ...wrongCounts(group, `${field}.groups[${index}]`)
      ]),
      ...tooManyMembers(attribute, audit.dataset.rows, field)
    ]
    return wrong.length > 0 ? wrong : wrongFigures(attribute, field)
  })
}

/**
 * @param where the audit's name in the message
 * @throws {Fault} `BIAS_AUDIT_INCONSISTENT` with the first ten {@link inconsistencies}
 */
export function requireConsistency(audit: BiasAudit, where: string): void {
  const wrong = inconsistencies(audit)
  if (wrong.length === 0) return
  const listed = wrong.slice(0, maxListed)
  if (wrong.length > maxListed) listed.push(`and ${wrong.length - maxListed} more`)
  const lines = listed.map(line => `\n  ${line}`).join('')
  throw new Fault(
    'BIAS_AUDIT_INCONSISTENT',
    `the bias audit disagrees with its own counts:${lines}`,
    { where, remedy: 'correct the counts, or compute the figures again from them' }
  )
}

function repetition(names: readonly string[], at: number, field: string): string[] {
  const name = names[at] ?? ''
  if (names.indexOf(name) === at) return []
  return [`${field}.name: found ${JSON.stringify(name)} twice, expected unique names`]
}

function wrongColumns(
  { intersectionOf = [] }: AuditedAttribute,
  names: readonly string[],
  field: string
): string[] {
  return intersectionOf.flatMap((column, at) =>
    names.includes(column)
      ? []
      : [
          `${field}.intersectionOf[${at}]: found ${JSON.stringify(column)}, expected an attribute of the audit`
        ]
  )
}

function wrongCounts({ n, selected, tp, fp, fn, tn }: AuditedGroup, field: string): string[] {
  const members = tp + fp + fn + tn
  return [
    ...(n === members ? [] : [`${field}.n: found ${n}, expected ${members} (tp + fp + fn + tn)`]),
    ...(selected === tp + fp
      ? []
      : [`${field}.selected: found ${selected}, expected ${tp + fp} (tp + fp)`])
  ]
}

function tooManyMembers({ groups }: AuditedAttribute, rows: number, field: string): string[] {
  const members = groups.reduce((sum, { n }) => sum + n, 0)
  if (members <= rows) return []
  return [
    `${field}.groups: found ${members} members, expected at most the ${rows} rows of the dataset`
  ]
}

function wrongFigures({ groups, metrics }: AuditedAttribute, field: string): string[] {
  const ratios = impactRatios(groups)
  const computed = Object.entries(fairnessMetrics(groups)) as [
    keyof typeof metrics,
    number | null
  ][]
  return [
    ...groups.flatMap(({ impact_ratio: reported }, at) =>
      disagreement(`${field}.groups[${at}].impact_ratio`, reported, ratios[at] ?? null)
    ),
    ...computed.flatMap(([name, expected]) =>
      disagreement(`${field}.metrics.${name}`, metrics[name], expected)
    )
  ]
}

/** A missing figure agrees with anything. */
function disagreement(
  field: string,
  reported: number | null | undefined,
  expected: number | null
): string[] {
  if (reported === undefined || reported === expected) return []
  if (reported !== null && expected !== null && Math.abs(reported - expected) <= tolerance) {
    return []
  }
  return [`${field}: found ${reported ?? 'null'}, expected ${expected ?? 'null'}`]
}
