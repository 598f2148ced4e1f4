import { constants, createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject, SignKeyObjectInput } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { readTrustedKey } from '../../evidence/attestation/key.ts'
import type { Key } from '../../evidence/attestation/key.ts'
import { verifySignature } from '../../evidence/attestation/verify-signature.ts'

/** Edge cases as in Wycheproof's ecdsa_secp256r1_sha256_test and rsa_pss_2048_sha256_mgf1_32_test. */
const message = Buffer.from('DSSEv1 1 t 1 x')

interface Pair {
  readonly trusted: Key
  readonly privateKey: KeyObject
}

function pairOf({
  publicKey,
  privateKey
}: {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}): Pair {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return { trusted: readTrustedKey(pem, '--keys'), privateKey }
}

const ed = pairOf(generateKeyPairSync('ed25519'))
const p256 = pairOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }))
const p384 = pairOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }))
const rsa = pairOf(generateKeyPairSync('rsa', { modulusLength: 2048 }))
const pss = pairOf(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }))
const all = [ed, p256, p384, rsa, pss]

const pssOf = (options: Partial<SignKeyObjectInput> = {}, hash = 'sha256', { privateKey } = rsa) =>
  sign(hash, message, {
    key: privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32,
    ...options
  })

const good = new Map<Pair, Buffer>([
  [ed, sign(null, message, ed.privateKey)],
  [p256, sign('sha256', message, p256.privateKey)],
  [p384, sign('sha384', message, p384.privateKey)],
  [rsa, pssOf()],
  [pss, pssOf({}, 'sha256', pss)]
])
const goodOf = (pair: Pair) => good.get(pair) ?? Buffer.alloc(0)
const holds = ({ trusted }: Pair, signature: Buffer, about = message) =>
  verifySignature(trusted, about, signature)

t.test('each key verifies its own signature, and no other key does', t => {
  for (const signer of all) {
    for (const verifier of all) {
      t.equal(
        holds(verifier, goodOf(signer)),
        signer === verifier,
        `${signer.trusted.type} by ${verifier.trusted.type}`
      )
    }
    t.equal(holds(signer, goodOf(signer), Buffer.concat([message, Buffer.of(0)])), false)
    t.equal(holds(signer, goodOf(signer), Buffer.alloc(0)), false)
  }
  t.end()
})

t.test('no changed, shortened or longer signature verifies, and none is a bug', t => {
  for (const pair of all) {
    const signature = goodOf(pair)
    for (let at = 0; at < signature.length; at += 1) {
      const changed = Buffer.from(signature)
      changed[at] = (changed[at] ?? 0) ^ 1
      if (holds(pair, changed)) t.fail(`${pair.trusted.type}: byte ${at}`)
      if (holds(pair, signature.subarray(0, at))) t.fail(`${pair.trusted.type}: ${at} bytes`)
    }
    t.equal(holds(pair, Buffer.concat([signature, Buffer.of(0)])), false)
    t.equal(holds(pair, Buffer.concat([Buffer.of(0), signature])), false)
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 60, maxLength: 260 }), bytes => {
        const random = Buffer.from(bytes)
        const framed = Buffer.concat([Buffer.of(0x30), random])
        return !holds(pair, random) && !holds(pair, framed)
      }),
      { seed: 15, numRuns: 100 }
    )
  }
  t.end()
})

const n256 = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')

function integer(value: bigint): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  const padded = (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), bytes]) : bytes
  return tlv(2, padded)
}

function tlv(tag: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag, body.length), body])
}

const pairDer = (...parts: readonly Buffer[]) => tlv(0x30, Buffer.concat(parts))

/** r and s of a DER signature of P-256. */
function valuesOf(der: Buffer): readonly [bigint, bigint] {
  const rLength = der[3] ?? 0
  const r = der.subarray(4, 4 + rLength)
  const s = der.subarray(6 + rLength)
  return [BigInt(`0x${r.toString('hex')}`), BigInt(`0x${s.toString('hex')}`)]
}

t.test('an ECDSA signature is strict DER with r and s from 1 to n - 1', t => {
  const signature = goodOf(p256)
  const [r, s] = valuesOf(signature)
  t.ok(holds(p256, pairDer(integer(r), integer(s))), 'the test encodes as OpenSSL does')
  t.ok(holds(p256, pairDer(integer(r), integer(n256 - s))), 'the twin of every signature')
  const outside: readonly (readonly [bigint, bigint])[] = [
    [0n, 0n],
    [0n, s],
    [r, 0n],
    [1n, 0n],
    [0n, 1n],
    [1n, 1n],
    [n256, s],
    [r, n256],
    [n256, n256],
    [n256 - 1n, n256],
    [r + n256, s],
    [r, s + n256]
  ]
  for (const [first, second] of outside) {
    t.notOk(holds(p256, pairDer(integer(first), integer(second))), `r ${first}, s ${second}`)
  }
  const [rDer, sDer] = [integer(r), integer(s)]
  const raw = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
  const broken: Readonly<Record<string, Buffer>> = {
    'a negative r': pairDer(tlv(2, Buffer.concat([Buffer.of(0xff), raw(r)])), sDer),
    'a negative s': pairDer(rDer, tlv(2, Buffer.of(0x80))),
    'a leading zero': pairDer(tlv(2, Buffer.concat([Buffer.of(0), rDer.subarray(2)])), sDer),
    'an empty integer': pairDer(tlv(2, Buffer.alloc(0)), sDer),
    'a byte after s inside': pairDer(rDer, sDer, Buffer.of(0)),
    'a third integer': pairDer(rDer, sDer, integer(1n)),
    'no s': pairDer(rDer),
    'a long form of the length': Buffer.concat([
      Buffer.of(0x30, 0x81, rDer.length + sDer.length),
      rDer,
      sDer
    ]),
    'an indefinite length': Buffer.concat([Buffer.of(0x30, 0x80), rDer, sDer, Buffer.of(0, 0)]),
    'a SET': tlv(0x31, Buffer.concat([rDer, sDer])),
    'an OCTET STRING': pairDer(tlv(4, rDer.subarray(2)), sDer),
    'r and s without DER (IEEE P1363)': Buffer.concat([raw(r), raw(s)]),
    'an empty sequence': Buffer.of(0x30, 0),
    'one byte': Buffer.of(0x30),
    'no byte': Buffer.alloc(0)
  }
  for (const [what, der] of Object.entries(broken)) t.notOk(holds(p256, der), what)
  t.end()
})

t.test('ECDSA uses the hash of its curve, over the message itself', t => {
  t.notOk(holds(p256, sign('sha384', message, p256.privateKey)))
  t.notOk(holds(p384, sign('sha256', message, p384.privateKey)))
  t.notOk(holds(p256, sign('sha1', message, p256.privateKey)))
  const hashed = createHash('sha256').update(message).digest()
  t.notOk(holds(p256, sign('sha256', hashed, p256.privateKey)), 'hashed twice')
  t.notOk(holds(ed, sign(null, hashed, ed.privateKey)), 'Ed25519 of the hash')
  t.end()
})

t.test('RSA is PSS with SHA-256 and MGF1 with SHA-256, with any length of salt', t => {
  const { RSA_PSS_SALTLEN_DIGEST: digest, RSA_PSS_SALTLEN_MAX_SIGN: most } = constants
  for (const saltLength of [0, 20, 32, 64, digest, most]) {
    t.ok(holds(rsa, pssOf({ saltLength })), `a salt of ${saltLength} bytes`)
    t.ok(holds(pss, pssOf({ saltLength }, 'sha256', pss)), `id-RSASSA-PSS, ${saltLength} bytes`)
  }
  t.notOk(holds(rsa, pssOf({ padding: constants.RSA_PKCS1_PADDING })), 'PKCS #1 v1.5')
  for (const hash of ['sha1', 'sha384', 'sha512']) t.notOk(holds(rsa, pssOf({}, hash)), hash)
  t.notOk(holds(rsa, Buffer.alloc(256)), 'zero')
  t.notOk(holds(rsa, Buffer.alloc(256, 0xff)), 'beyond the modulus')
  t.notOk(holds(rsa, Buffer.concat([Buffer.of(0), goodOf(rsa)])), 'a longer form of the number')
  t.end()
})

t.test('a key that is restricted to a least length of salt holds signatures to it', t => {
  const options = { hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256', saltLength: 32 }
  const restricted = pairOf(
    generateKeyPairSync('rsa-pss', { modulusLength: 2048, ...options } as never) as never
  )
  t.ok(holds(restricted, pssOf({ saltLength: 32 }, 'sha256', restricted)))
  t.notOk(holds(restricted, pssOf({ saltLength: 20 }, 'sha256', rsa)))
  t.end()
})
