import type { AuditedAttribute, AuditedGroup, BiasAudit } from './bias-audit.ts'
import { fairnessMetrics, impactRatios } from './metrics.ts'

/** Reported figures are rounded by people; a difference beyond this is another figure. */
const tolerance = 1e-6

/** What an audit says of itself that its own counts do not bear out, each in one sentence. */
export function inconsistencies(audit: BiasAudit): readonly string[] {
  return audit.attributes.flatMap((attribute, index) => {
    const field = `attributes[${index}]`
    return [
      ...attribute.groups.flatMap((group, at) => wrongCounts(group, `${field}.groups[${at}]`)),
      ...wrongRatios(attribute, field),
      ...wrongMetrics(attribute, field)
    ]
  })
}

function wrongCounts({ n, selected, tp, fp, fn, tn }: AuditedGroup, field: string): string[] {
  const found: string[] = []
  if (n !== tp + fp + fn + tn)
    found.push(`${field}.n is ${n}, its counts add up to ${tp + fp + fn + tn}`)
  if (selected !== tp + fp) found.push(`${field}.selected is ${selected}, tp + fp is ${tp + fp}`)
  return found
}

function wrongRatios({ groups }: AuditedAttribute, field: string): string[] {
  const expected = impactRatios(groups)
  return groups.flatMap(({ impact_ratio: reported }, at) =>
    disagreement(`${field}.groups[${at}].impact_ratio`, reported, expected[at] ?? null)
  )
}

function wrongMetrics({ groups, metrics }: AuditedAttribute, field: string): string[] {
  return Object.entries(fairnessMetrics(groups)).flatMap(
    ([name, expected]: [string, number | null]) =>
      disagreement(`${field}.metrics.${name}`, metrics[name as keyof typeof metrics], expected)
  )
}

function disagreement(
  field: string,
  reported: number | null | undefined,
  expected: number | null
): string[] {
  if (reported === undefined || reported === expected) return []
  if (reported !== null && expected !== null && Math.abs(reported - expected) <= tolerance)
    return []
  return [`${field} is ${reported ?? 'null'}, the counts give ${expected ?? 'null'}`]
}
