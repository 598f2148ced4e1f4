import type { ReadStatement } from '../evidence/attestation/decode-statement.ts'
import type { Identity } from '../evidence/identity.ts'

/** What a violation leads to, as in ValidatingAdmissionPolicy's `validationActions`. */
export type Action = 'Deny' | 'Warn' | 'Audit'

/** What a rule found wrong. No text contains a secret's value; any text can come from a malicious author. */
export interface Finding {
  /** As Kubernetes writes field paths: `spec.template.spec.containers[0].image`. */
  readonly field: string
  /** One sentence without a full stop. */
  readonly problem: string
  readonly found?: string
  readonly allowed?: string
  readonly fix?: string
  /** True if it never denies: the policy's actions are replaced by Warn. */
  readonly isOnlyWarning?: true
}

/** A finding with its policy and rule. */
export interface Violation extends Omit<Finding, 'isOnlyWarning'> {
  readonly policy: string
  /** The rule's own name, or its type: `biasAudit`. */
  readonly rule: string
  /** Not empty; `Deny` decides. */
  readonly actions: readonly Action[]
}

/** A violation that an exception accepts. */
export interface Exempted {
  readonly violation: Violation
  /** `namespace/name` of the PolicyException. */
  readonly exception: string
}

/** Where the object comes from, by its verified attestation. */
export interface Provenance {
  readonly keyId: string
  readonly commit: string
  /** Undefined if the attestation has none. */
  readonly modelCommit?: string | undefined
  readonly modelDigest?: string | undefined
  /** The version of the statement. */
  readonly version: ReadStatement['version']
}

/** The decision about one object, with its reasons. */
export interface Decision {
  readonly kind: 'allowed' | 'denied'
  readonly object: Identity
  /** The names of the policies that select the object. */
  readonly policies: readonly string[]
  /** Violations that deny come first; otherwise in the order of policies and rules. */
  readonly violations: readonly Violation[]
  readonly exempted: readonly Exempted[]
  /** `policy/rule` of violations that an update leaves as they were; undefined when there is none. */
  readonly unchanged?: readonly string[]
  /** Why nothing was judged, such as a request of a controller; undefined when policies decided. */
  readonly exemption?: string
  /** Why what an operator made is not let through as a child of its owner. */
  readonly ownerNote?: string
  /** True if the owner could not be read, so that the same request can succeed later. */
  readonly isRetriable?: true
  readonly provenance?: Provenance
}

/** Returns where an attested object comes from, as a member of its decision. */
export function provenanceOf({
  keyId,
  version,
  facts
}: Pick<Provenance, 'keyId'> & ReadStatement): Required<Pick<Decision, 'provenance'>> {
  const { commit, modelCommit, modelDigest } = facts.source
  return { provenance: { keyId, version, commit, modelCommit, modelDigest } }
}

/** The strongest action of a violation. */
export function actionOf({ actions }: Pick<Violation, 'actions'>): Action {
  if (actions.includes('Deny')) return 'Deny'
  return actions.includes('Warn') ? 'Warn' : 'Audit'
}

/** `1 violation`, `2 violations`. */
export function countViolations(count: number): string {
  return count === 1 ? '1 violation' : `${count} violations`
}

/** `problem; found X; allowed: Y; fix: Z` on one line. */
export function describeFinding({ problem, found, allowed, fix }: Finding): string {
  const parts = [problem]
  if (found !== undefined) parts.push(`found ${found}`)
  if (allowed !== undefined) parts.push(`allowed: ${allowed}`)
  if (fix !== undefined) parts.push(`fix: ${fix}`)
  return parts.join('; ')
}
