import type { JsonObject } from '../../common/json.ts'
import { actionOf } from '../decision.ts'
import type { Decision, Finding, Violation } from '../decision.ts'
import type { Checked } from './report.ts'

/** What a reader found in one manifest. */
export interface ManifestReading {
  /** Stands where a rule does in reports: `canary`. */
  readonly kind: string
  readonly findings: readonly Finding[]
}

/**
 * Reads manifests of kinds that other parts of the program understand, such as a Canary, whether a policy
 * selects them or not. Undefined for another kind.
 */
export type ManifestReader = (object: JsonObject) => ManifestReading | undefined

/** Stands where a policy does in reports. */
const policy = 'mlgitops'

/** Adds what a reader found to the decision on a manifest. */
export function withReading(checked: Checked, reading: ManifestReading | undefined): Checked {
  if (reading === undefined || reading.findings.length === 0) return checked
  const added = reading.findings.map(finding => violationOf(finding, reading.kind))
  const { decision } = checked
  const all = [...decision.violations, ...added]
  const isDenied = all.some(each => actionOf(each) === 'Deny')
  const joined: Decision = {
    ...decision,
    kind: isDenied ? 'denied' : decision.kind,
    violations: [
      ...all.filter(each => actionOf(each) === 'Deny'),
      ...all.filter(each => actionOf(each) !== 'Deny')
    ]
  }
  return { ...checked, decision: joined }
}

function violationOf({ isOnlyWarning, ...finding }: Finding, rule: string): Violation {
  return { ...finding, policy, rule, actions: [isOnlyWarning === true ? 'Warn' : 'Deny'] }
}
