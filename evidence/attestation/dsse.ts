import { sign, verify } from 'node:crypto'
import { Fault } from '../../common/fault.ts'
import { isJsonArray, member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { Key } from './key.ts'

/** A signed payload. Source: Dead Simple Signing Envelope, version 1, envelope.md. */
export interface Envelope {
  /** Standard base64. */
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[]
}

/** The payload if a trusted key signed the envelope, or why it is refused. */
export type Verification =
  | { readonly kind: 'verified'; readonly payload: Buffer; readonly keyId: string }
  | { readonly kind: 'refused'; readonly reason: string }

/** The type of in-toto statements. */
export const inTotoPayloadType = 'application/vnd.in-toto+json'

const maxEnvelopeCharacters = 256 * 1024
const maxSignatures = 16

/** The bytes that are signed: "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body (protocol.md). */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `
  return Buffer.concat([Buffer.from(head), payload])
}

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
 * specification: every trusted key is tried on every signature.
 */
export function verifyEnvelope(
  envelope: Envelope,
  payloadType: string,
  trusted: readonly Key[]
): Verification {
  if (envelope.payloadType !== payloadType) {
    return { kind: 'refused', reason: 'the payload has an unexpected type' }
  }
  const payload = decodeBase64(envelope.payload)
  if (payload === undefined) return { kind: 'refused', reason: 'the payload is not base64' }
  const signed = preAuthenticationEncoding(payloadType, payload)
  for (const { sig } of envelope.signatures) {
    const signature = decodeBase64(sig)
    if (signature === undefined) continue
    const by = trusted.find(({ key }) => verify(null, signed, key, signature))
    if (by !== undefined) return { kind: 'verified', payload, keyId: by.id }
  }
  return { kind: 'refused', reason: 'no trusted key signed it' }
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
  return { payload, payloadType, signatures: signatures.map(readSignature) }
}

/** An unset key ID is an empty one (envelope.md, "Parsing rules"). */
function readSignature(value: JsonValue): { readonly keyid: string; readonly sig: string } {
  const keyid = member(value, 'keyid') ?? ''
  const sig = stringMember(value, 'sig')
  if (sig !== undefined && typeof keyid === 'string') return { keyid, sig }
  throw invalid('the envelope is not a DSSE envelope')
}

/**
 * Decodes standard and URL-safe base64 with padding, as the specification requires of verifiers. Anything
 * else is refused, including bits after the last byte, so that no character of a signature can change.
 */
function decodeBase64(text: string): Buffer | undefined {
  if (!/^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  const canonical = bytes.toString('base64')
  return canonical === text.replaceAll('-', '+').replaceAll('_', '/') ? bytes : undefined
}

function invalid(message: string): Fault {
  return new Fault('ATTESTATION_INVALID', message)
}
