import { describeFault, Fault } from '../../common/fault.ts'
import { annotations } from '../../evidence/annotations.ts'
import { decodeStatement } from '../../evidence/attestation/decode-statement.ts'
import type { ReadStatement, StatedFacts } from '../../evidence/attestation/decode-statement.ts'
import {
  inTotoPayloadType,
  parseEnvelope,
  verifyEnvelope
} from '../../evidence/attestation/dsse.ts'
import type { Envelope, Verification } from '../../evidence/attestation/dsse.ts'
import type { Key } from '../../evidence/attestation/key.ts'
import { subjectName } from '../../evidence/attestation/statement.ts'
import { digestOpaque } from '../../evidence/workload/opaque-digest.ts'
import { digestSpec } from '../../evidence/workload/spec-digest.ts'
import type { OpaqueField, RunText } from '../../evidence/workload/workload.ts'
import type { Finding } from '../decision.ts'
import { fixByRender, fixOfAbsence, fixOfDistrust, fixOfNamespace } from './attestation-fix.ts'
import { annotationOf, generateNameOf } from './subject.ts'
import type { Subject } from './subject.ts'
import { verifiedBy } from './verified-envelopes.ts'
import type { VerifiedStatement } from './verified-envelopes.ts'

/** A verified attestation, or why there is none. */
export type Attestation =
  | ({ readonly kind: 'verified'; readonly keyId: string } & ReadStatement)
  /** Absent, forged, unreadable, or signed for something else. Not empty. */
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] }

/** Returns the attested facts; undefined if nothing is attested. */
export function factsOf(attestation: Attestation): StatedFacts | undefined {
  return attestation.kind === 'verified' ? attestation.facts : undefined
}

/** The group of our own kinds. RegisteredModels are namespaced, and outside of the workload table. */
const ownGroup = 'mlgitops.io'

/** The field of the attestation. */
export const attestationField = `metadata.annotations[${annotations.attestation}]`

/**
 * Verifies the object's attestation, and that it was made for this object: same kind, namespace and
 * name, no image or model that was not attested, the same commits in the annotations.
 *
 * @param now a key that expired before is not trusted
 */
export function verifyAttestation(
  subject: Subject,
  trusted: readonly Key[],
  now: Date
): Attestation {
  const text = annotationOf(subject, annotations.attestation)
  if (text === undefined) {
    return refused({ problem: 'the object has no attestation', fix: fixOfAbsence(subject) })
  }
  const ended = trusted.filter(({ notAfter }) => notAfter !== undefined && notAfter <= now)
  const envelopes = verifiedBy(trusted, ended.length)
  const known = envelopes.find(subject, text)
  if (known !== undefined) return bindTo(subject, known)
  try {
    const verification = verifyWith(parseEnvelope(text), trusted, ended)
    if (verification.kind === 'refused') {
      return refused({
        problem: `the attestation is not trusted: ${verification.reason}`,
        allowed: trusted.length === 0 ? 'none, because no key is trusted (--keys)' : undefined,
        fix: fixOfDistrust(trusted.length, verification.reason)
      })
    }
    const statement = decodeStatement(verification.payload)
    const verified = { keyId: verification.keyId, statement }
    envelopes.keep(text, verified)
    return bindTo(subject, verified)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const [line = ''] = describeFault(error).split('\n')
    return refused({ problem: `the attestation cannot be read: ${line}`, fix: fixByRender })
  }
}

function bindTo(subject: Subject, { keyId, statement }: VerifiedStatement): Attestation {
  const findings = foreignFindings(subject, statement)
  if (findings.length > 0) return { kind: 'refused', findings }
  return { kind: 'verified', keyId, ...statement }
}

/** Verifies with the keys that have not expired. If only an expired key signed it, that is the reason. */
function verifyWith(
  envelope: Envelope,
  trusted: readonly Key[],
  ended: readonly Key[]
): Verification {
  const lasting = trusted.filter(key => !ended.includes(key))
  const verification = verifyEnvelope(envelope, inTotoPayloadType, lasting)
  if (verification.kind === 'verified' || ended.length === 0) return verification
  const past = verifyEnvelope(envelope, inTotoPayloadType, ended)
  if (past.kind === 'refused') return verification
  const end = ended.find(({ id }) => id === past.keyId)?.notAfter?.toISOString() ?? ''
  return { kind: 'refused', reason: `the key that signed it expired at ${end}` }
}

/** Reports where this object differs from the one that the statement was made for. */
function foreignFindings(subject: Subject, statement: ReadStatement): readonly Finding[] {
  const { facts } = statement
  const identity = identityFinding(subject, facts)
  return [
    ...(identity === undefined ? [] : [identity]),
    ...runFindings(subject, statement),
    ...specFindings(subject, facts),
    ...stampFindings(subject, facts)
  ]
}

function identityFinding(subject: Subject, { object }: StatedFacts): Finding | undefined {
  const { group, kind, namespace, name } = subject.identity
  const isNamed =
    object.name === undefined
      ? object.generateName !== undefined && isGenerated(subject, object.generateName)
      : object.name === name
  const isSame = object.group === group && object.kind === kind && isNamed
  if (isSame && isPlaced(subject, object.namespace)) return undefined
  const destination = namespace === '' && isNamespaced(subject) ? 'NAMESPACE' : namespace
  return {
    field: attestationField,
    problem: 'the attestation was made for another object',
    found: subjectName(object),
    allowed: subjectName({ group, kind, namespace: destination, ...named(subject) }),
    fix: isSame ? fixOfNamespace(namespace) : fixByRender
  }
}

/** A manifest without a namespace can be applied into the attested one, but not into none. */
function isPlaced(subject: Subject, attested: string): boolean {
  const { identity, isUnplaced } = subject
  if (identity.namespace !== '') return attested === identity.namespace
  return attested !== '' || isUnplaced === true || !isNamespaced(subject)
}

/** True if the object will be in a namespace even if its manifest does not name it. */
function isNamespaced({ workload, identity }: Subject): boolean {
  if (workload === undefined) return identity.group === ownGroup
  return workload.scope === 'namespaced'
}

function named({ identity: { name, generateName } }: Subject) {
  return name === '' ? { generateName } : { name }
}

function isGenerated({ identity, object }: Subject, prefix: string): boolean {
  return (
    generateNameOf({ object }) === prefix &&
    (identity.name === '' || identity.name.startsWith(prefix))
  )
}

function runFindings({ workload }: Subject, { facts, version }: ReadStatement): readonly Finding[] {
  if (workload === undefined) return []
  return [
    ...unattested('image', workload.images, facts.images),
    ...unattested('model', workload.models, facts.models),
    ...hiddenFindings(workload.opaque, facts, version)
  ]
}

function hiddenFindings(
  opaque: readonly OpaqueField[],
  facts: StatedFacts,
  version: ReadStatement['version']
): readonly Finding[] {
  if (opaque.length === 0) return []
  const digests = new Map(facts.opaque.map(({ field, digest }) => [field, digest.sha256]))
  const known = new Set(digests.values())
  const hidden = opaque.filter(each => {
    // The release that signed v1alpha1 did not attest words that only decide what runs.
    if (each.kind === 'bound' && version === 'v1alpha1') return false
    const digest = digestOpaque(each)
    // A controller copies to the status what was attested in the spec.
    return each.field.startsWith('status.')
      ? !known.has(digest)
      : digests.get(each.field) !== digest
  })
  return hidden.map(({ field, reason }) => ({
    field,
    problem: digests.has(field)
      ? `this field differs from what was attested, and it ${reason}`
      : `this field was not attested, and it ${reason}`,
    fix: fixByRender
  }))
}

/** A registry entry runs nothing, so its whole spec is attested. */
function specFindings({ workload, object }: Subject, { registry }: StatedFacts): Finding[] {
  const isAttested =
    registry === undefined ? workload !== undefined : registry.spec.sha256 === digestSpec(object)
  if (isAttested) return []
  const what = registry === undefined ? 'was not attested' : 'differs from what was attested'
  return [{ field: 'spec', problem: `the spec ${what}`, fix: fixByRender }]
}

/** Both lists can have thousands of entries. */
function unattested(
  what: 'image' | 'model',
  found: readonly RunText[],
  attested: readonly string[]
): readonly Finding[] {
  if (found.length === 0) return []
  const known = new Set(attested)
  const unknown = found.filter(({ value }) => !known.has(value))
  if (unknown.length === 0) return []
  const allowed = attested.join(', ') || 'none'
  const problem = `this ${what} was not attested`
  return unknown.map(({ field, value }) => {
    return { field, problem, found: value, allowed, fix: fixByRender }
  })
}

const stampNames = {
  [annotations.gitCommit]: 'commit',
  [annotations.modelCommit]: 'commit',
  [annotations.modelDigest]: 'digest',
  [annotations.gitRepo]: 'repository'
} as const

/**
 * Both are for people: every rule reads what is attested, so that an object gains nothing without them. A
 * renderer that signs v1alpha1 can attest a digest and writes no annotation.
 */
const mayBeAbsent: ReadonlySet<string> = new Set([annotations.modelDigest, annotations.gitRepo])

function stampFindings(subject: Subject, { source }: StatedFacts): readonly Finding[] {
  const stamps = [
    [annotations.gitCommit, source.commit],
    [annotations.modelCommit, source.modelCommit],
    [annotations.modelDigest, source.modelDigest],
    [annotations.gitRepo, source.repository]
  ] as const
  return stamps.flatMap(([key, name]) => {
    const found = annotationOf(subject, key)
    if (found === name || (found === undefined && mayBeAbsent.has(key))) return []
    return [
      {
        field: `metadata.annotations[${key}]`,
        problem: `the annotation does not match the attested ${stampNames[key]}`,
        found: found ?? 'nothing',
        allowed: name ?? 'nothing',
        fix: fixByRender
      }
    ]
  })
}

function refused(finding: {
  readonly problem: string
  readonly allowed?: string | undefined
  readonly fix: string
}): Attestation {
  const { problem, allowed, fix } = finding
  const base = { field: attestationField, problem, fix }
  return { kind: 'refused', findings: [allowed === undefined ? base : { ...base, allowed }] }
}
