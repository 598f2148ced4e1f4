import { createHash, generateKeyPairSync } from 'node:crypto'
import type { KeyObject, RSAPSSKeyPairKeyObjectOptions } from 'node:crypto'
import t from 'tap'
import { readTrustedKey } from '../../evidence/attestation/key.ts'
import { faultText } from '../fault-text.ts'

const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString()

const derOf = (key: KeyObject) => key.export({ type: 'spki', format: 'der' })

function pemOfDer(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n')
}

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey
const rsa = (modulusLength: number, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey
const pss = (options: {
  readonly hashAlgorithm?: string
  readonly mgf1HashAlgorithm?: string
  readonly saltLength?: number
}) => {
  // @types/node wants the length of the salt as a string, Node wants a number.
  const given = { modulusLength: 2048, ...options } as unknown as RSAPSSKeyPairKeyObjectOptions
  return generateKeyPairSync('rsa-pss', given).publicKey
}

const p256 = ec('P-256')

t.test('a trusted key has one of four types, read from the key alone', t => {
  const sha256 = { hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256' }
  const cases: readonly [string, KeyObject][] = [
    ['Ed25519', generateKeyPairSync('ed25519').publicKey],
    ['ECDSA P-256', p256],
    ['ECDSA P-384', ec('P-384')],
    ['RSA-PSS', rsa(2048)],
    ['RSA-PSS', rsa(3072)],
    ['RSA-PSS', pss({})],
    ['RSA-PSS', pss({ ...sha256, saltLength: 32 })],
    ['RSA-PSS', pss({ ...sha256, saltLength: 0 })]
  ]
  for (const [type, publicKey] of cases) {
    const key = readTrustedKey(pemOf(publicKey), '--keys')
    t.equal(key.type, type)
    t.equal(key.id, createHash('sha256').update(derOf(publicKey)).digest('hex'))
    const ending = `Not-After: 2027-01-31T00:00:00Z\n${pemOf(publicKey)}`
    t.same(readTrustedKey(ending, '--keys').notAfter, new Date('2027-01-31T00:00:00Z'))
    t.equal(readTrustedKey(pemOf(publicKey).replaceAll('\n', '\r\n'), '--keys').id, key.id)
  }
  t.end()
})

t.test('any other key is refused by name', t => {
  const compressed = Buffer.concat([
    Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex'),
    compressedPoint(p256)
  ])
  // p - 1, a, b, generator and order of P-256 in place of its name (RFC 3279, section 2.3.5).
  const explicit = Buffer.concat([
    Buffer.from(
      '3082014b3082010306072a8648ce3d02013081f7020101302c06072a8648ce3d0101022100ffffffff00000001000000000000000000000000ffffffffffffffffffffffff305b0420ffffffff00000001000000000000000000000000fffffffffffffffffffffffc04205ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b031500c49d360886e704936a6678e1139d26b7819f7e900441046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551020101034200',
      'hex'
    ),
    derOf(p256).subarray(-65)
  ])
  const cases: readonly [string, string][] = [
    [pemOf(ec('secp256k1')), 'EC on secp256k1'],
    [pemOf(ec('P-521')), 'EC on secp521r1'],
    [pemOf(ec('brainpoolP256r1')), 'EC on brainpoolP256r1'],
    [pemOf(generateKeyPairSync('ed448').publicKey), 'ed448'],
    [pemOf(generateKeyPairSync('x25519').publicKey), 'x25519'],
    [pemOf(rsa(2040)), 'RSA of 2040 bits'],
    [pemOf(rsa(1024)), 'RSA of 1024 bits'],
    [pemOfDer(rsaDer(Buffer.alloc(1025, 0xff), 65_537)), 'RSA of 8200 bits'],
    [pemOf(rsa(2048, 3)), 'RSA with the public exponent 3'],
    [pemOf(rsa(2048, 65_535)), 'RSA with the public exponent 65535'],
    [pemOfDer(rsaDer(Buffer.alloc(256, 0xff), 65_538)), 'RSA with the public exponent 65538'],
    [
      pemOfDer(rsaDer(Buffer.alloc(256, 0xff), 2 ** 32 + 1)),
      'RSA with the public exponent more than 32 bits'
    ],
    [
      pemOf(pss({ hashAlgorithm: 'sha512', mgf1HashAlgorithm: 'sha512' })),
      'RSASSA-PSS restricted to sha512, MGF1 with sha512 and a salt of 64 bytes'
    ],
    [
      pemOf(pss({ hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha1', saltLength: 20 })),
      'RSASSA-PSS restricted to sha256, MGF1 with sha1 and a salt of 20 bytes'
    ],
    [
      pemOf(pss({ hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256', saltLength: 48 })),
      'RSASSA-PSS restricted to sha256, MGF1 with sha256 and a salt of 48 bytes'
    ],
    [pemOfDer(compressed), 'ECDSA P-256 with explicit parameters or a compressed point'],
    [pemOfDer(explicit), 'ECDSA P-256 with explicit parameters or a compressed point']
  ]
  for (const [pem, found] of cases) {
    t.equal(
      faultText(() => readTrustedKey(pem, '--keys')),
      `--keys: the key type is not supported [KEY_UNSUPPORTED]\n  found:    ${found}\n  expected: Ed25519, ECDSA P-256 or P-384, or RSA of 2048 to 8192 bits (docs/keys.md)`
    )
  }
  t.end()
})

t.test('a point that is not on its curve, and DER with more than a key, are refused', t => {
  const point = Buffer.from(derOf(p256))
  point[point.length - 1] = (point.at(-1) ?? 0) ^ 1
  const infinity = Buffer.from('3019301306072a8648ce3d020106082a8648ce3d03010703020000', 'hex')
  for (const der of [point, infinity]) {
    t.match(
      faultText(() => readTrustedKey(pemOfDer(der), '--keys')),
      /^--keys: the key (?:cannot be read|type is not supported) \[KEY_/
    )
  }
  for (const key of [p256, rsa(2048), generateKeyPairSync('ed25519').publicKey]) {
    const more = Buffer.concat([derOf(key), Buffer.from('00', 'hex')])
    t.match(
      faultText(() => readTrustedKey(pemOfDer(more), '--keys')),
      /^--keys: the key (?:cannot be read|is not in canonical DER) \[KEY_INVALID\]/
    )
  }
  t.end()
})

function compressedPoint(key: KeyObject): Buffer {
  const point = derOf(key).subarray(-64)
  const isOdd = (point.at(-1) ?? 0) % 2 === 1
  return Buffer.concat([Buffer.of(isOdd ? 3 : 2), point.subarray(0, 32)])
}

/** The SPKI of an RSA key with this modulus, without a check that it is one. */
function rsaDer(modulus: Buffer, exponent: number): Buffer {
  const hex = exponent.toString(16)
  const e = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  const key = tlv(0x30, [tlv(2, [Buffer.of(0), modulus]), tlv(2, [e])])
  const algorithm = Buffer.from('300d06092a864886f70d0101010500', 'hex')
  return tlv(0x30, [algorithm, tlv(3, [Buffer.of(0), key])])
}

function tlv(tag: number, content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const { length } = body
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), body])
}
