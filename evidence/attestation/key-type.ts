import type { AsymmetricKeyDetails, KeyObject } from 'node:crypto'

/** A supported kind of public key. It alone fixes the algorithm of a signature. */
export type KeyType = 'Ed25519' | 'ECDSA P-256' | 'ECDSA P-384' | 'RSA-PSS'

/** The kind of a public key, or the description of one that is not supported. */
export type KeyTypeReading =
  | { readonly kind: 'supported'; readonly type: KeyType }
  | { readonly kind: 'unsupported'; readonly found: string }

/** The supported kinds, for messages. */
export const supportedKeys =
  'Ed25519, ECDSA P-256 or P-384, or RSA of 2048 to 8192 bits (docs/keys.md)'

const minRsaBits = 2_048
const maxRsaBits = 8_192
/** FIPS 186-5, appendix A.1.1; a larger exponent only makes verification slower. */
const minRsaExponent = 65_537n
const maxRsaExponent = 2n ** 32n

/** The SPKI of an uncompressed point on a named curve, up to the point (RFC 5480). */
const curves = new Map<string, { readonly type: KeyType; readonly head: Buffer }>([
  [
    'prime256v1',
    {
      type: 'ECDSA P-256',
      head: Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex')
    }
  ],
  [
    'secp384r1',
    {
      type: 'ECDSA P-384',
      head: Buffer.from('3076301006072a8648ce3d020106052b8104002203620004', 'hex')
    }
  ]
])

/**
 * Reads the kind of a public key, with every property that a signature depends on.
 *
 * @param der the key's SPKI
 */
export function readKeyType(key: KeyObject, der: Buffer): KeyTypeReading {
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return { kind: 'supported', type: 'Ed25519' }
    case 'ec':
      return readCurve(key, der)
    case 'rsa':
    case 'rsa-pss':
      return readRsa(key)
    default:
      return unsupported(key.asymmetricKeyType ?? 'an unknown kind')
  }
}

function readCurve(key: KeyObject, der: Buffer): KeyTypeReading {
  const name = key.asymmetricKeyDetails?.namedCurve
  const curve = name === undefined ? undefined : curves.get(name)
  if (curve === undefined) return unsupported(`EC on ${name ?? 'a curve without a name'}`)
  const { type, head } = curve
  const isNamedAndUncompressed = der.subarray(0, head.length).equals(head)
  return isNamedAndUncompressed
    ? { kind: 'supported', type }
    : unsupported(`${type} with explicit parameters or a compressed point`)
}

function readRsa(key: KeyObject): KeyTypeReading {
  const { asymmetricKeyDetails: details = {} } = key
  const { modulusLength: bits = 0, publicExponent: exponent = 0n } = details
  if (bits < minRsaBits || bits > maxRsaBits) return unsupported(`RSA of ${bits} bits`)
  if (exponent < minRsaExponent || exponent >= maxRsaExponent || exponent % 2n === 0n) {
    const shown = exponent < maxRsaExponent ? String(exponent) : 'more than 32 bits'
    return unsupported(`RSA with the public exponent ${shown}`)
  }
  return restrictionOf(details) ?? { kind: 'supported', type: 'RSA-PSS' }
}

/** A key of type id-RSASSA-PSS can name the only algorithm of its signatures. Absent: any. */
function restrictionOf(details: AsymmetricKeyDetails): KeyTypeReading | undefined {
  const { hashAlgorithm = 'sha256', mgf1HashAlgorithm = 'sha256', saltLength = 0 } = details
  if (hashAlgorithm !== 'sha256' || mgf1HashAlgorithm !== 'sha256' || saltLength > 32) {
    return unsupported(
      `RSASSA-PSS restricted to ${hashAlgorithm}, MGF1 with ${mgf1HashAlgorithm} and a salt of ${saltLength} bytes`
    )
  }
  return undefined
}

function unsupported(found: string): KeyTypeReading {
  return { kind: 'unsupported', found }
}
