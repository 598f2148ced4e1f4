import { decodeBase64 } from '../../evidence/attestation/encoding.ts'
import type { Key } from '../../evidence/attestation/key.ts'
import { verifySignature } from '../../evidence/attestation/verify-signature.ts'

/**
 * Reads the base64 that a signer printed: standard or URL-safe, with or without padding, white space
 * around it, and broken into lines as `base64` does. Undefined for anything else, and for nothing.
 */
export function readSignatureText(stdout: Buffer): Buffer | undefined {
  const text = stdout.toString('latin1').trim().replace(/\r?\n/g, '')
  const padded = text.includes('=') ? text : text.padEnd(Math.ceil(text.length / 4) * 4, '=')
  const signature = decodeBase64(padded)
  return signature?.length === 0 ? undefined : signature
}

/**
 * Returns the signature as an envelope has it, or undefined if the key did not sign the message. An ECDSA
 * signature may also be r and s one after the other (IEEE P1363), as PKCS#11 and Azure return it.
 */
export function verifiedSignature(
  key: Key,
  message: Buffer,
  signature: Buffer
): Buffer | undefined {
  const width = coordinateBytes(key)
  const forms = [signature, ...(signature.length === 2 * width ? [derOfPair(signature)] : [])]
  return forms.find(form => verifySignature(key, message, form))
}

function coordinateBytes({ type }: Key): number {
  if (type === 'ECDSA P-256') return 32
  return type === 'ECDSA P-384' ? 48 : 0
}

/** The DER of r and s: a SEQUENCE of two INTEGERs, each of at most 49 bytes. */
function derOfPair(pair: Buffer): Buffer {
  const half = pair.length / 2
  const both = [pair.subarray(0, half), pair.subarray(half)].map(integerOf)
  const length = both.reduce((sum, each) => sum + each.length, 0)
  return Buffer.concat([Buffer.of(0x30, length), ...both])
}

function integerOf(bytes: Buffer): Buffer {
  const start = bytes.findIndex(byte => byte !== 0)
  const digits = start === -1 ? Buffer.of(0) : bytes.subarray(start)
  const isNegative = (digits[0] ?? 0) > 0x7f
  const value = isNegative ? Buffer.concat([Buffer.of(0), digits]) : digits
  return Buffer.concat([Buffer.of(2, value.length), value])
}
