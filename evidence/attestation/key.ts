import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { Fault } from '../../common/fault.ts'
import { readKeyType, supportedKeys } from './key-type.ts'
import type { KeyType } from './key-type.ts'

/** A key and its ID: the SHA-256 of the public key's SPKI DER form, in lower case hex. */
export interface Key {
  readonly id: string
  readonly key: KeyObject
  readonly type: KeyType
  /** Expiry of a trusted key: its signatures are not trusted from then on. Undefined: it does not expire. */
  readonly notAfter?: Date
}

/** A new key pair in PEM: PKCS#8 and SPKI. */
export interface KeyPair {
  readonly id: string
  readonly privatePem: string
  readonly publicPem: string
}

/** Generates an Ed25519 key pair (RFC 8032). */
export function generateKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    id: keyId(publicKey),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString()
  }
}

/**
 * Reads a private key for signing, which is Ed25519. Messages never contain key material.
 *
 * @param where the name of its file or option
 * @throws {Fault} `KEY_INVALID`, `KEY_UNSUPPORTED`
 */
export function readSigningKey(pem: string, where: string): Key {
  const expected = 'a PKCS#8 private key in PEM, from mlgitops keygen'
  const key = orInvalid(where, expected, () => createPrivateKey(pem))
  if (key.asymmetricKeyType !== 'ed25519') {
    throw unsupported(where, {
      found: key.asymmetricKeyType ?? 'an unknown kind',
      expected: 'Ed25519',
      remedy: 'Sign with a key of another kind through --signer (docs/keys.md).'
    })
  }
  return { id: keyId(createPublicKey(key)), key, type: 'Ed25519' }
}

/**
 * Reads a trusted public key. A private key is refused: OpenSSL would derive its public half, but a file
 * that can sign must not be among the trusted keys. A second key is refused, because it would be ignored.
 * A line before the key can set its expiry, `Not-After: 2027-01-31T00:00:00Z`; other programs ignore text
 * there (RFC 7468, section 5.2). Any other text is refused, because it can be that line misspelled.
 *
 * @param where the name of its file or option
 * @throws {Fault} `KEY_INVALID`, `KEY_UNSUPPORTED`
 */
export function readTrustedKey(pem: string, where: string): Key {
  const expected = 'one SPKI public key in PEM, from mlgitops keygen'
  const [label = '', second] = pem.match(/-----BEGIN [^-]*-----/g) ?? []
  if (label !== '-----BEGIN PUBLIC KEY-----' || second !== undefined) {
    throw new Fault('KEY_INVALID', 'the key cannot be read', { where, expected })
  }
  const notAfter = readEnd(pem.slice(0, pem.indexOf(label)).trim(), where)
  const key = readPublicKey(pem, where, expected)
  return notAfter === undefined ? key : { ...key, notAfter }
}

/** Returns the line that {@link readTrustedKey} reads before a key, with its line break. */
export function keyEndLine(notAfter: Date): string {
  return `Not-After: ${notAfter.toISOString().replace(/\.\d+/, '')}\n`
}

function readEnd(text: string, where: string): Date | undefined {
  if (text === '') return undefined
  const notAfter = readUtcTime(/^Not-After: (\S+)$/.exec(text)?.[1] ?? '')
  if (notAfter !== undefined) return notAfter
  throw new Fault('KEY_INVALID', 'the text before the key cannot be read', {
    where,
    expected: 'nothing, or a line such as Not-After: 2027-01-31T00:00:00Z'
  })
}

/** Reads a time such as `2027-01-31T00:00:00Z`; undefined for anything else, including February 30. */
export function readUtcTime(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text)) return undefined
  const time = new Date(text)
  const isReal = !Number.isNaN(time.getTime()) && time.toISOString() === text.replace('Z', '.000Z')
  return isReal ? time : undefined
}

function readPublicKey(pem: string, where: string, expected: string): Key {
  const { key, der } = orInvalid(where, expected, () => {
    const read = createPublicKey(pem)
    return { key: read, der: derOf(read) }
  })
  const reading = readKeyType(key, der)
  if (reading.kind === 'unsupported') {
    throw unsupported(where, { found: reading.found, expected: supportedKeys })
  }
  // Another encoding of the same key would have the same ID.
  const [, body = ''] = /-----BEGIN PUBLIC KEY-----([^-]*)/.exec(pem) ?? []
  if (!Buffer.from(body, 'base64').equals(der)) {
    throw new Fault('KEY_INVALID', 'the key is not in canonical DER', { where, expected })
  }
  return { id: keyId(key), key, type: reading.type }
}

function orInvalid<Read>(where: string, expected: string, read: () => Read): Read {
  try {
    return read()
  } catch {
    throw new Fault('KEY_INVALID', 'the key cannot be read', { where, expected })
  }
}

function unsupported(
  where: string,
  details: { readonly found: string; readonly expected: string; readonly remedy?: string }
): Fault {
  return new Fault('KEY_UNSUPPORTED', 'the key type is not supported', { where, ...details })
}

function derOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' })
}

function keyId(publicKey: KeyObject): string {
  return createHash('sha256').update(derOf(publicKey)).digest('hex')
}
