import { describeIdentity } from '../../evidence/identity.ts'
import { actionOf } from '../decision.ts'
import { groupFacts } from './facts.ts'
import type { Fact, FactGroup } from './facts.ts'
import { buildReport } from './report.ts'
import type { Checked } from './report.ts'
import { printable, printableFinding } from '../printable.ts'

/**
 * Formats the report for people: one message for each fact, below the objects that it is true of, and a
 * summary line.
 *
 * @param policies the number of policies, of which only some may select an object
 */
export function textReport(checked: readonly Checked[], policies: number): string {
  const groups = groupFacts(checked).map(describeGroup)
  const { summary } = buildReport(checked)
  const { checked: count, denied, warned, policiesApplied } = summary
  const applied = `${policiesApplied} of ${policies} policies applied`
  const end = `${applied}: ${count} checked, ${denied} denied, ${warned} warned\n`
  return [...groups, end].join('\n')
}

function describeGroup({ objects, facts }: FactGroup): string {
  const heads = objects.map(({ manifest, decision }) => {
    const where = `${printable(manifest.file)}:${manifest.line}`
    return `${where}: ${printable(describeIdentity(decision.object))}`
  })
  return `${[...heads, ...facts.map(describeFact)].join('\n')}\n`
}

function describeFact(fact: Fact): string {
  const { violation } = fact
  const { policy, rule, problem, found, allowed, fix } = printableFinding(violation)
  const lines = [`  ${actionOf(violation)} ${printable(policy)} (${printable(rule)}): ${problem}`]
  lines.push(...describeFields(fact))
  if (found !== undefined) lines.push(`    found:   ${found}`)
  if (allowed !== undefined) lines.push(`    allowed: ${allowed}`)
  if (fix !== undefined) lines.push(`    fix:     ${fix}`)
  return lines.join('\n')
}

/** Fields that are not those of every object are followed by the object. */
function describeFields({ fields }: Fact): readonly string[] {
  const all = [...fields].map(([object, names]) => ({ object, names, text: names.join('\n') }))
  const [first] = all
  const isShared = all.every(({ text }) => text === first?.text)
  const described = isShared
    ? (first?.names ?? []).map(printable)
    : all.flatMap(({ object: { decision }, names }) => {
        const owner = printable(describeIdentity(decision.object))
        return names.map(name => `${printable(name)} of ${owner}`)
      })
  return described.map((text, index) => `    ${index === 0 ? 'field:  ' : '        '} ${text}`)
}
