import { verify } from 'node:crypto'
import type { Key } from './key.ts'

/** `constants` of node:crypto; an import of it would load that module at the start of every render. */
const rsaPkcs1PssPadding = 6
const rsaPssSaltLengthAuto = -2

/**
 * Verifies a signature with the algorithm that the key fixes: Ed25519; ECDSA with SHA-256 (P-256) or
 * SHA-384 (P-384) in DER; RSASSA-PSS with SHA-256, MGF1 with SHA-256 and any length of salt.
 */
export function verifySignature({ key, type }: Key, message: Buffer, signature: Buffer): boolean {
  if (!hasForm({ key, type }, signature)) return false
  switch (type) {
    case 'Ed25519':
      return verify(null, message, key, signature)
    case 'ECDSA P-256':
      return verify('sha256', message, { key, dsaEncoding: 'der' }, signature)
    case 'ECDSA P-384':
      return verify('sha384', message, { key, dsaEncoding: 'der' }, signature)
    case 'RSA-PSS':
      return verify(
        'sha256',
        message,
        {
          key,
          padding: rsaPkcs1PssPadding,
          saltLength: rsaPssSaltLengthAuto
        },
        signature
      )
  }
}

/** Whether a signature can be of this key, by its length and first byte. Costs nothing. */
export function hasForm({ key, type }: Pick<Key, 'key' | 'type'>, signature: Buffer): boolean {
  switch (type) {
    case 'Ed25519':
      return signature.length === 64
    case 'ECDSA P-256':
      return signature[0] === 0x30 && signature.length <= 72
    case 'ECDSA P-384':
      return signature[0] === 0x30 && signature.length <= 104
    case 'RSA-PSS':
      return signature.length === Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)
  }
}
