import { actionOf, describeFinding } from '../decision.ts'
import type { Action, Decision, Violation } from '../decision.ts'
import type { CheckedManifest } from './input.ts'

/** A manifest and its decision. */
export interface Checked {
  readonly manifest: Pick<CheckedManifest, 'file' | 'line'>
  readonly decision: Decision
}

/** One violation in `--output json`. */
export interface ReportedResult {
  readonly policy: string
  readonly rule: string
  readonly action: Action
  readonly object: {
    readonly apiVersion: string
    readonly kind: string
    readonly namespace: string
    readonly name: string
  }
  readonly field: string
  readonly message: string
}

/** What `--output json` prints. `denied` and `warned` count objects. */
export interface Report {
  readonly summary: {
    readonly checked: number
    readonly denied: number
    readonly warned: number
    /** Policies that selected an object. */
    readonly policiesApplied: number
  }
  readonly results: readonly ReportedResult[]
}

/** Lists every violation in the order of the objects. */
export function buildReport(checked: readonly Checked[]): Report {
  const decisions = checked.map(({ decision }) => decision)
  return {
    summary: {
      checked: decisions.length,
      denied: decisions.filter(({ kind }) => kind === 'denied').length,
      warned: decisions.filter(isWarned).length,
      policiesApplied: new Set(decisions.flatMap(({ policies }) => policies)).size
    },
    results: decisions.flatMap(decision =>
      decision.violations.map(violation => reportResult(decision, violation))
    )
  }
}

function isWarned({ kind, violations }: Decision): boolean {
  return kind === 'allowed' && violations.some(({ actions }) => actions.includes('Warn'))
}

/** Describes one violation of an object. */
export function reportResult({ object }: Decision, violation: Violation): ReportedResult {
  const { group, version, kind, namespace, name, generateName } = object
  return {
    policy: violation.policy,
    rule: violation.rule,
    action: actionOf(violation),
    object: {
      apiVersion: group === '' ? version : `${group}/${version}`,
      kind,
      namespace,
      name: name === '' ? generateName : name
    },
    field: violation.field,
    message: describeFinding(violation)
  }
}
