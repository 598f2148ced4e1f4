import { describeIdentity } from '../../evidence/identity.ts'
import { actionOf } from '../decision.ts'
import type { Violation } from '../decision.ts'
import { buildReport } from './report.ts'
import type { Checked } from './report.ts'
import { printable, printableFinding } from '../printable.ts'

/**
 * Formats the report for people: each object with a violation, and a summary line.
 *
 * @param policies the number of policies, of which only some may select an object
 */
export function textReport(checked: readonly Checked[], policies: number): string {
  const objects = checked
    .filter(({ decision }) => decision.violations.length > 0)
    .map(({ manifest, decision }) => {
      const where = `${printable(manifest.file)}:${manifest.line}`
      const lines = decision.violations.map(describeViolation)
      return `${where}: ${printable(describeIdentity(decision.object))}\n${lines.join('\n')}\n`
    })
  const { summary } = buildReport(checked)
  const { checked: count, denied, warned, policiesApplied } = summary
  const applied = `${policiesApplied} of ${policies} policies applied`
  const end = `${applied}: ${count} checked, ${denied} denied, ${warned} warned\n`
  return [...objects, end].join('\n')
}

function describeViolation(violation: Violation): string {
  const { policy, rule, field, problem, found, allowed, fix } = printableFinding(violation)
  const lines = [`  ${actionOf(violation)} ${printable(policy)} (${printable(rule)}): ${problem}`]
  lines.push(`    field:   ${field}`)
  if (found !== undefined) lines.push(`    found:   ${found}`)
  if (allowed !== undefined) lines.push(`    allowed: ${allowed}`)
  if (fix !== undefined) lines.push(`    fix:     ${fix}`)
  return lines.join('\n')
}
