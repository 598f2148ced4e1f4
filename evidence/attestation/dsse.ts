import { sign } from 'node:crypto'
import { Fault } from '../../common/fault.ts'
import { isJsonArray, member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { batchPayloadType, isInBatch } from './batch.ts'
import type { Leaf } from './batch.ts'
import { decodeBase64, preAuthenticationEncoding } from './encoding.ts'
import type { Key } from './key.ts'
import { hasForm, verifySignature } from './verify-signature.ts'

/** A signed payload. Source: Dead Simple Signing Envelope, version 1, envelope.md. */
export interface Envelope {
  /** Standard base64. */
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[]
  /** The payload that this envelope is about, if the signed one is the root of a batch. */
  readonly leaf?: Leaf
}

/** The payload if a trusted key signed the envelope, or why it is refused. */
export type Verification =
  | { readonly kind: 'verified'; readonly payload: Buffer; readonly keyId: string }
  | { readonly kind: 'refused'; readonly reason: string }

/** The type of in-toto statements. */
export const inTotoPayloadType = 'application/vnd.in-toto+json'

const maxEnvelopeCharacters = 256 * 1024
const maxSignatures = 16
const maxProofHashes = 20
/** Bounds the processor time that one envelope can cost, whatever the trusted keys. */
const maxChecks = 32

/** Signs with Ed25519, which is deterministic: same payload and key, same bytes. */
export function signEnvelope(payload: Uint8Array, payloadType: string, { id, key }: Key): Envelope {
  const signature = sign(null, preAuthenticationEncoding(payloadType, payload), key)
  return {
    payload: Buffer.from(payload).toString('base64'),
    payloadType,
    signatures: [{ keyid: id, sig: signature.toString('base64') }]
  }
}

/**
 * Verifies with several trusted keys, so that keys can rotate. A key ID is only a hint, as in the
 * specification: the key that it names is tried first, then every trusted key on every signature that can
 * be of its kind, at most 32 times. In an envelope of a batch the payload is the leaf's.
 */
export function verifyEnvelope(
  envelope: Envelope,
  payloadType: string,
  trusted: readonly Key[]
): Verification {
  const content = contentOf(envelope, payloadType)
  if (content.kind === 'refused') return content
  const { message, payload } = content
  const candidates = candidatesOf(envelope, trusted)
  const by = candidates
    .slice(0, maxChecks)
    .find(({ key, signature }) => verifySignature(key, message, signature))
  if (by !== undefined) return { kind: 'verified', payload, keyId: by.key.id }
  return refused(
    candidates.length > maxChecks
      ? `no trusted key signed it, of the first ${maxChecks} pairs of a key and a signature that were checked`
      : 'no trusted key signed it'
  )
}

type Content =
  | { readonly kind: 'content'; readonly message: Buffer; readonly payload: Buffer }
  | Extract<Verification, { kind: 'refused' }>

/** The message that a signature must sign, and the payload that it then proves. */
function contentOf({ payload: text, payloadType, leaf }: Envelope, expectedType: string): Content {
  const isExpected =
    leaf === undefined
      ? payloadType === expectedType
      : payloadType === batchPayloadType && leaf.payloadType === expectedType
  if (!isExpected) return refused('the payload has an unexpected type')
  const signed = decodeBase64(text)
  const payload = leaf === undefined ? signed : decodeBase64(leaf.payload)
  if (signed === undefined || payload === undefined) return refused('the payload is not base64')
  if (leaf !== undefined && !isInBatch(signed, leaf, payload)) {
    return refused('the payload is not in the signed batch')
  }
  return { kind: 'content', message: preAuthenticationEncoding(payloadType, signed), payload }
}

interface Candidate {
  readonly key: Key
  readonly signature: Buffer
}

function candidatesOf({ signatures }: Envelope, trusted: readonly Key[]): readonly Candidate[] {
  const named: Candidate[] = []
  const others: Candidate[] = []
  for (const { keyid, sig } of signatures) {
    const signature = decodeBase64(sig)
    if (signature === undefined) continue
    for (const key of trusted) {
      if (hasForm(key, signature)) (key.id === keyid ? named : others).push({ key, signature })
    }
  }
  return [...named, ...others]
}

function refused(reason: string): Extract<Verification, { kind: 'refused' }> {
  return { kind: 'refused', reason }
}

/**
 * Reads an envelope from an annotation: compact JSON, as {@link signEnvelope} returns it. Unknown members
 * are ignored, as DSSE requires; white space and duplicate members are refused, so that all readers
 * agree. Nothing is verified here.
 *
 * @throws {Fault} `ATTESTATION_INVALID`
 */
export function parseEnvelope(text: string): Envelope {
  if (text.length > maxEnvelopeCharacters) throw invalid('the envelope is too large')
  let value: JsonValue
  let isCompact: boolean
  try {
    value = JSON.parse(text) as JsonValue
    isCompact = JSON.stringify(value) === text
  } catch {
    throw invalid('the envelope is not JSON')
  }
  if (!isCompact) throw invalid('the envelope is not compact JSON, or has a duplicate member')
  const payload = stringMember(value, 'payload')
  const payloadType = stringMember(value, 'payloadType')
  const signatures = member(value, 'signatures')
  const isList = isJsonArray(signatures) && signatures.length > 0
  if (payload === undefined || payloadType === undefined || !isList) {
    throw invalid('the envelope is not a DSSE envelope')
  }
  if (signatures.length > maxSignatures) {
    throw invalid(`the envelope has more than ${maxSignatures} signatures`)
  }
  const envelope = { payload, payloadType, signatures: signatures.map(readSignature) }
  if (payloadType !== batchPayloadType) return envelope
  return { ...envelope, leaf: readLeaf(member(value, 'leaf')) }
}

/** Returns the payload that an envelope is about, not decoded and not verified. */
export function payloadOf({ payload, leaf }: Envelope): string {
  return leaf?.payload ?? payload
}

/** An unset key ID is an empty one (envelope.md, "Parsing rules"). */
function readSignature(value: JsonValue): { readonly keyid: string; readonly sig: string } {
  const keyid = member(value, 'keyid') ?? ''
  const sig = stringMember(value, 'sig')
  if (sig !== undefined && typeof keyid === 'string') return { keyid, sig }
  throw invalid('the envelope is not a DSSE envelope')
}

function readLeaf(value: JsonValue | undefined): Leaf {
  const payload = stringMember(value, 'payload')
  const payloadType = stringMember(value, 'payloadType')
  const index = member(value, 'index')
  const proof = member(value, 'proof')
  const isComplete = payload !== undefined && payloadType !== undefined
  if (!isComplete || !isIndex(index) || !isJsonArray(proof) || !proof.every(isText)) {
    throw invalid('the envelope of a batch has no leaf with payload, payloadType, index and proof')
  }
  if (proof.length > maxProofHashes) {
    throw invalid(`the proof has more than ${maxProofHashes} hashes`)
  }
  return { payload, payloadType, index, proof }
}

function isIndex(value: JsonValue | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && !Object.is(value, -0)
}

function isText(value: JsonValue): value is string {
  return typeof value === 'string'
}

function invalid(message: string): Fault {
  return new Fault('ATTESTATION_INVALID', message)
}
