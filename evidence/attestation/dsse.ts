import { sign, verify } from 'node:crypto'
import { Fault } from '../../common/fault.ts'
import type { Key } from './key.ts'

/** A signed payload. Source: Dead Simple Signing Envelope, version 1, envelope.md. */
export interface Envelope {
  /** Standard base64. */
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[]
}

/** Whether a trusted key signed the envelope. */
export type Verification =
  | { readonly kind: 'verified'; readonly payload: Buffer; readonly keyId: string }
  | { readonly kind: 'refused'; readonly reason: string }

/** The type of in-toto statements. */
export const inTotoPayloadType = 'application/vnd.in-toto+json'

const maxEnvelopeCharacters = 256 * 1024

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
 * Verifies with several trusted keys, so that keys can rotate. A key id is a hint only, as the
 * specification says: every trusted key is tried on every signature.
 */
export function verifyEnvelope(
  envelope: Envelope,
  payloadType: string,
  trusted: readonly Key[]
): Verification {
  if (envelope.payloadType !== payloadType) {
    return { kind: 'refused', reason: 'the payload is of another type' }
  }
  const payload = decodeBase64(envelope.payload)
  if (payload === undefined) return { kind: 'refused', reason: 'the payload is no base64' }
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
 * Reads an envelope from an annotation.
 *
 * @throws {Fault} `ATTESTATION_INVALID`
 */
export function parseEnvelope(text: string): Envelope {
  if (text.length > maxEnvelopeCharacters) throw invalid('the envelope is too large')
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw invalid('the envelope is no JSON')
  }
  if (!isEnvelope(parsed)) throw invalid('the envelope has not the form of DSSE')
  return parsed
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false
  const { payload, payloadType, signatures } = value as Record<string, unknown>
  if (typeof payload !== 'string' || typeof payloadType !== 'string') return false
  return (
    Array.isArray(signatures) &&
    signatures.length > 0 &&
    signatures.length <= 16 &&
    signatures.every(isSignature)
  )
}

function isSignature(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { keyid, sig } = value as Record<string, unknown>
  return typeof sig === 'string' && (keyid === undefined || typeof keyid === 'string')
}

/** Standard and URL-safe base64, as the specification asks of verifiers; anything else is refused. */
function decodeBase64(text: string): Buffer | undefined {
  if (!/^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/.test(text)) return undefined
  return Buffer.from(text, 'base64')
}

function invalid(message: string): Fault {
  return new Fault('ATTESTATION_INVALID', message)
}
