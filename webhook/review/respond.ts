import { bound } from '../../common/fault.ts'
import { describeIdentity } from '../../evidence/identity.ts'
import { countViolations, describeFinding } from '../decision.ts'
import type { Action, Decision, Violation } from '../decision.ts'
import { printable } from '../printable.ts'
import { reviewVersion } from './decode.ts'

/** A response (k8s.io/api admission/v1). */
export interface ReviewResponse {
  readonly uid: string
  readonly allowed: boolean
  readonly status?: DenialStatus
  readonly warnings?: readonly string[]
  readonly auditAnnotations?: Readonly<Record<string, string>>
}

/** The Status of a denial (apimachinery meta/v1). */
export interface DenialStatus {
  readonly status: 'Failure'
  /** 503 if the same request can succeed later. */
  readonly code: 403 | 503
  readonly reason: 'Forbidden' | 'ServiceUnavailable'
  readonly message: string
  readonly details: {
    readonly name: string
    readonly group: string
    readonly kind: string
    readonly causes: readonly {
      readonly reason: string
      readonly message: string
      readonly field: string
    }[]
  }
}

const beforeResponse = `{"apiVersion":"${reviewVersion}","kind":"AdmissionReview","response":`
const maxDescribed = 20
/** The API server cuts every warning to 256 characters when all of them exceed 4,096; leave room for others. */
const maxWarnings = 12
const maxWarningCharacters = 240
const maxAnnotationCharacters = 1_000
const oldVersion =
  'v1alpha1, which release 0.2 will not verify; render and sign the object again with this release'

/** Returns the review that answers `uid`, as JSON. The object is never echoed. */
export function encodeResponse(uid: string, decision: Decision | undefined): string {
  const response = decision === undefined ? { uid, allowed: true } : respond(uid, decision)
  return `${beforeResponse}${JSON.stringify(response)}}`
}

/** Builds the response: every violation in one message, because the API server shows one webhook's answer. */
export function respond(uid: string, decision: Decision): ReviewResponse {
  const warnings = warningsOf(decision)
  return {
    uid,
    allowed: decision.kind === 'allowed',
    ...(decision.kind === 'denied' ? { status: statusOf(decision) } : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
    auditAnnotations: annotationsOf(decision)
  }
}

function statusOf(decision: Decision): DenialStatus {
  const { group, kind, name, generateName } = decision.object
  const denying = withAction(decision, 'Deny')
  return {
    status: 'Failure',
    ...(decision.isRetriable === true
      ? ({ code: 503, reason: 'ServiceUnavailable' } as const)
      : ({ code: 403, reason: 'Forbidden' } as const)),
    message: messageOf(decision, denying),
    details: {
      name: printable(name === '' ? generateName : name),
      group: printable(group),
      kind: printable(kind),
      causes: denying.slice(0, maxDescribed).map(violation => ({
        reason: `${violation.policy}/${violation.rule}`,
        message: printable(describeFinding(violation)),
        field: printable(violation.field)
      }))
    }
  }
}

function messageOf({ object, ownerNote }: Decision, denying: readonly Violation[]): string {
  const count = countViolations(denying.length)
  const lines = denying.slice(0, maxDescribed).flatMap(describeViolation)
  if (denying.length > maxDescribed) lines.push(`and ${denying.length - maxDescribed} more`)
  if (ownerNote !== undefined) lines.push(printable(ownerNote))
  return [`${count} by ${printable(describeIdentity(object))}`, ...lines].join('\n')
}

function describeViolation(violation: Violation): string[] {
  const { policy, rule, field, problem, found, allowed, fix } = violation
  const parts = [
    ['field', field],
    ['found', found],
    ['allowed', allowed],
    ['fix', fix]
  ] as const
  return [
    `- ${policy} (${rule}): ${printable(problem)}`,
    ...parts.flatMap(([name, text]) => {
      return text === undefined ? [] : [`    ${`${name}:`.padEnd(9)}${printable(text)}`]
    })
  ]
}

/** Warnings are headers: one line each, within limits, and sent for denied requests too. */
function warningsOf(decision: Decision): readonly string[] {
  if (decision.violations.length === 0) return []
  const warnings = withAction(decision, 'Warn').map(({ policy, field, problem, found }) =>
    bound(
      printable(`${policy}: ${field}: ${problem}${found === undefined ? '' : `; found ${found}`}`),
      maxWarningCharacters
    )
  )
  const unique = [...new Set(warnings)]
  if (unique.length <= maxWarnings) return unique
  const rest = unique.length - maxWarnings + 1
  return [...unique.slice(0, maxWarnings - 1), `mlgitops: and ${rest} more warnings`]
}

/** Keys are names that the API server accepts after the webhook's own (`checkKeyFormat`). */
function annotationsOf(decision: Decision): Readonly<Record<string, string>> {
  const { kind, exemption, ownerNote, provenance, exempted, unchanged = [] } = decision
  const annotations: Record<string, string> = { decision: kind }
  const add = (key: string, text: string | undefined) => {
    if (text === undefined || text === '') return
    annotations[key] = bound(printable(text), maxAnnotationCharacters)
  }
  add('exemption', exemption)
  add('owner', ownerNote)
  add('denied-by', listed(withAction(decision, 'Deny')))
  add('warned-by', listed(withAction(decision, 'Warn')))
  add('audited-by', listed(withAction(decision, 'Audit')))
  add('unchanged', unchanged.join(' '))
  if (exempted.length > 0) {
    add('exceptions', [...new Set(exempted.map(({ exception }) => exception))].join(' '))
  }
  add('commit', provenance?.commit)
  add('model-commit', provenance?.modelCommit)
  add('model-digest', provenance?.modelDigest)
  if (provenance?.version === 'v1alpha1') add('attestation-version', oldVersion)
  add('key-id', provenance?.keyId)
  return annotations
}

function listed(violations: readonly Violation[]): string {
  if (violations.length === 0) return ''
  return [...new Set(violations.map(({ policy, rule }) => `${policy}/${rule}`))].join(' ')
}

function withAction({ violations }: Decision, action: Action): readonly Violation[] {
  if (violations.length === 0) return violations
  return violations.filter(({ actions }) => actions.includes(action))
}
