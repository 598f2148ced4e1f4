import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import {
  inTotoPayloadType,
  parseEnvelope,
  preAuthenticationEncoding,
  signEnvelope,
  verifyEnvelope
} from '../../evidence/attestation/dsse.ts'
import { generateKeyPair, readSigningKey, readTrustedKey } from '../../evidence/attestation/key.ts'
import {
  buildStatement,
  decodeStatement,
  encodeStatement
} from '../../evidence/attestation/statement.ts'
import { told } from '../told.ts'

const commit = 'a'.repeat(40)
const pair = generateKeyPair()
const key = readSigningKey(pair.privatePem, '--key')
const trusted = readTrustedKey(pair.publicPem, '--keys')
const facts = {
  object: { group: 'batch', kind: 'Job', namespace: 'ml', name: 'train' },
  source: {
    repository: 'https://host/x',
    commit,
    modelCommit: commit,
    path: '.',
    targetRevision: 'main'
  },
  images: ['b', 'a', 'b'],
  models: [],
  opaque: [],
  evidence: []
}

t.test('attestations are DSSE envelopes that only a trusted key makes', t => {
  t.equal(
    preAuthenticationEncoding(
      'http://example.com/HelloWorld',
      Buffer.from('hello world')
    ).toString(),
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    'the vector of the specification'
  )
  t.equal(key.id, trusted.id)
  t.match(key.id, /^[0-9a-f]{64}$/)
  const payload = encodeStatement(buildStatement(facts))
  const envelope = signEnvelope(payload, inTotoPayloadType, key)
  t.same(signEnvelope(payload, inTotoPayloadType, key), envelope, 'same bytes each time')
  const other = readTrustedKey(generateKeyPair().publicPem, 'x')
  t.equal(
    verifyEnvelope(parseEnvelope(JSON.stringify(envelope)), inTotoPayloadType, [other, trusted])
      .kind,
    'verified'
  )
  t.same(verifyEnvelope(envelope, inTotoPayloadType, [other]), {
    kind: 'refused',
    reason: 'no trusted key signed it'
  })
  t.same(verifyEnvelope(envelope, 'text/plain', [trusted]), {
    kind: 'refused',
    reason: 'the payload is of another type'
  })
  t.same(verifyEnvelope({ ...envelope, payload: '%' }, inTotoPayloadType, [trusted]), {
    kind: 'refused',
    reason: 'the payload is no base64'
  })
  t.equal(
    verifyEnvelope({ ...envelope, signatures: [{ keyid: key.id, sig: '%' }] }, inTotoPayloadType, [
      trusted
    ]).kind,
    'refused'
  )
  fc.assert(
    fc.property(fc.nat(payload.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const forged = Buffer.from(payload)
      forged[at] = (forged[at] ?? 0) ^ change
      return (
        verifyEnvelope({ ...envelope, payload: forged.toString('base64') }, inTotoPayloadType, [
          trusted
        ]).kind === 'refused'
      )
    }),
    { seed: 3, numRuns: 100 }
  )
  t.end()
})

t.test('a statement is sorted, stable and read back', t => {
  const statement = buildStatement(facts)
  t.equal(
    encodeStatement(statement).toString(),
    `{"_type":"https://in-toto.io/Statement/v1","predicate":{"evidence":[],"images":["a","b"],"models":[],"object":{"group":"batch","kind":"Job","name":"train","namespace":"ml"},"opaque":[],"source":{"commit":"${commit}","modelCommit":"${commit}","path":".","repository":"https://host/x","targetRevision":"main"}},"predicateType":"https://mlgitops.io/attestation/render/v1alpha1","subject":[{"digest":{"gitCommit":"${commit}"},"name":"batch/Job/ml/train"}]}`
  )
  t.same(decodeStatement(encodeStatement(statement)), statement)
  t.equal(
    buildStatement({
      ...facts,
      object: { group: '', kind: 'Pod', namespace: '', generateName: 'p-' }
    }).subject[0].name,
    'Pod/p-*'
  )
  for (const text of ['{', '{}', 'null'])
    t.throws(() => decodeStatement(Buffer.from(text)), { code: 'ATTESTATION_INVALID' })
  for (const text of [
    '{',
    '[]',
    'null',
    '{"payload":"","payloadType":"","signatures":[]}',
    '{"payload":"","payloadType":"","signatures":[1]}',
    'x'.repeat(300_000)
  ])
    t.throws(() => parseEnvelope(text), { code: 'ATTESTATION_INVALID' })
  t.end()
})

t.test('keys of another kind and garbage are refused without showing them', t => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  t.equal(
    told(() => readSigningKey(rsa, '--key')),
    '--key: the key is of another kind [KEY_UNSUPPORTED]\n  found:    rsa\n  expected: Ed25519'
  )
  t.equal(
    told(() => readTrustedKey('secret', '--keys')),
    '--keys: the key cannot be read [KEY_INVALID]\n  expected: an SPKI public key in PEM, from mlgitops keygen'
  )
  t.end()
})
