import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import {
  generateKeyPair,
  keyEndLine,
  readSigningKey,
  readTrustedKey
} from '../../evidence/attestation/key.ts'
import { faultText } from '../fault-text.ts'

/** RFC 8032 section 7.1, test 1: a key pair that everybody knows. */
const knownPrivatePem = pemOf(
  'PRIVATE KEY',
  '302e020100300506032b657004220420' +
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
)
const knownPublicPem = pemOf(
  'PUBLIC KEY',
  '302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
)

function pemOf(label: string, der: string): string {
  const text = Buffer.from(der, 'hex').toString('base64')
  return `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`
}

t.test('generated keys are Ed25519, identified by the digest of the public key', t => {
  const key = readSigningKey(knownPrivatePem, '--key')
  t.equal(key.id, '06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9')
  t.equal(readTrustedKey(knownPublicPem, '--keys').id, key.id)
  const pair = generateKeyPair()
  t.match(pair.privatePem, /^-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/=]{64}\n-----END/)
  t.match(pair.publicPem, /^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=]{60}\n-----END/)
  t.equal(readSigningKey(pair.privatePem, 'k').id, pair.id)
  t.equal(readTrustedKey(pair.publicPem, 'k').id, pair.id)
  t.not(generateKeyPair().id, pair.id)
  t.end()
})

t.test('keys of another kind and garbage are refused without showing them', t => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const rsaPrivate = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const encrypted = generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString()
  t.equal(
    faultText(() => readSigningKey(rsaPrivate, '--key')),
    '--key: the key type is not supported [KEY_UNSUPPORTED]\n  found:    rsa\n  expected: Ed25519\n  remedy:   Sign with a key of another kind through --signer (docs/keys.md).'
  )
  const cut = knownPrivatePem.replace(/(MC4CAQAw)[^\n]*/, '$1')
  for (const pem of ['', 'secret', encrypted, knownPublicPem, cut]) {
    t.equal(
      faultText(() => readSigningKey(pem, '--key')),
      '--key: the key cannot be read [KEY_INVALID]\n  expected: a PKCS#8 private key in PEM, from mlgitops keygen'
    )
  }
  const broken = '-----BEGIN PUBLIC KEY-----\nc2VjcmV0\n-----END PUBLIC KEY-----\n'
  const pkcs1 = rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const all = ['', 'secret', broken, pkcs1, knownPrivatePem, knownPublicPem + knownPublicPem]
  for (const pem of all) {
    t.equal(
      faultText(() => readTrustedKey(pem, '--keys')),
      '--keys: the key cannot be read [KEY_INVALID]\n  expected: one SPKI public key in PEM, from mlgitops keygen'
    )
  }
  t.end()
})

t.test('a trusted key can have an expiry, and no other text', t => {
  const end = new Date('2027-01-31T00:00:00Z')
  t.same(readTrustedKey(knownPublicPem, '--keys').notAfter, undefined)
  t.same(readTrustedKey(`\n${knownPublicPem}`, '--keys').notAfter, undefined)
  const ending = readTrustedKey(`${keyEndLine(end)}${knownPublicPem}`, '--keys')
  t.same([ending.notAfter, ending.id], [end, readSigningKey(knownPrivatePem, 'k').id])
  for (const line of [
    'Not-After: 2027-01-31',
    'Not-After: 2027-02-31T00:00:00Z',
    'Not-After: 2027-01-31T24:00:00Z',
    'Not-After: 2027-01-31T00:00:00+01:00',
    'NotAfter: 2027-01-31T00:00:00Z',
    'Not-After: 2027-01-31T00:00:00Z\nNot-After: 2028-01-31T00:00:00Z',
    'the key of production'
  ]) {
    t.equal(
      faultText(() => readTrustedKey(`${line}\n${knownPublicPem}`, '--keys')),
      '--keys: the text before the key cannot be read [KEY_INVALID]\n  expected: nothing, or a line such as Not-After: 2027-01-31T00:00:00Z'
    )
  }
  t.end()
})
