import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import t from 'tap'
import { batchPayloadType, isInBatch } from '../../evidence/attestation/batch.ts'
import type { Leaf } from '../../evidence/attestation/batch.ts'
import {
  inTotoPayloadType,
  parseEnvelope,
  payloadOf,
  signEnvelope,
  verifyEnvelope
} from '../../evidence/attestation/dsse.ts'
import type { Envelope } from '../../evidence/attestation/dsse.ts'
import { generateKeyPair, readSigningKey, readTrustedKey } from '../../evidence/attestation/key.ts'
import { signPayloads } from '../../evidence/attestation/signing.ts'
import { faultText } from '../fault-text.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const trusted = readTrustedKey(publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'k')
const pair = generateKeyPair()
const edKey = readSigningKey(pair.privatePem, 'k')
const edTrusted = readTrustedKey(pair.publicPem, 'k')
const type = inTotoPayloadType

/** Signs a batch, and the messages that the signer was given. */
async function signed(texts: readonly string[], payloadType = type) {
  const messages: string[] = []
  const envelopes = await signPayloads(
    texts.map(text => Buffer.from(text)),
    payloadType,
    {
      kind: 'signer',
      signer: {
        keyId: trusted.id,
        sign: message => {
          messages.push(Buffer.from(message).toString())
          return Promise.resolve(sign('sha256', message, privateKey))
        }
      }
    }
  )
  return { envelopes, messages }
}

const outcome = (envelope: Envelope, keys = [trusted], payloadType = type) => {
  const found = verifyEnvelope(envelope, payloadType, keys)
  return found.kind === 'verified' ? found.payload.toString() : found.reason
}

const texts = Array.from({ length: 11 }, (_, index) => `{"n":${index}}`)
const { envelopes, messages } = await signed(texts)
const [first, second] = envelopes as [Envelope, Envelope]
/** The first envelope of a list. */
function firstOf(envelopes: readonly Envelope[]): Envelope {
  const [one] = envelopes
  if (one === undefined) throw new Error('no envelope')
  return one
}

const leafOf = ({ leaf }: Envelope): Leaf => leaf ?? ({} as never)
const withLeaf = (envelope: Envelope, change: Partial<Leaf>): Envelope => ({
  ...envelope,
  leaf: { ...leafOf(envelope), ...change }
})

t.test('a signer signs one message, and every payload verifies alone', t => {
  t.equal(messages.length, 1)
  t.match(
    messages[0],
    /^DSSEv1 38 application\/vnd\.mlgitops\.batch\.v1\+json 87 \{"leaves":11,"root":"[0-9a-f]{64}"\}$/
  )
  t.same(
    envelopes.map(envelope => outcome(parseEnvelope(JSON.stringify(envelope)))),
    texts
  )
  t.same(
    envelopes.map(payloadOf),
    texts.map(text => Buffer.from(text).toString('base64'))
  )
  t.same(
    envelopes.map(envelope => leafOf(envelope).proof.length),
    [4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 2]
  )
  t.end()
})

t.test('one payload is a batch too, and none calls no signer', async t => {
  const { envelopes: one } = await signed(['{}'])
  t.same(
    one.map(each => outcome(each)),
    ['{}']
  )
  t.same(leafOf(firstOf(one)).proof, [])
  t.same(await signed([]), { envelopes: [], messages: [] })
})

t.test('the form can be verified with SHA-256 and a signature alone', t => {
  const sha256 = (...parts: readonly (Buffer | string)[]) => {
    const hash = createHash('sha256')
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  const { payload, proof, index } = leafOf(second)
  const statement = Buffer.from(payload, 'base64')
  let hash = sha256(Buffer.of(0), `DSSEv1 28 ${type} ${statement.length} `, statement)
  t.equal(index, 1)
  for (const [height, each] of proof.entries()) {
    const other = Buffer.from(each, 'base64')
    hash = height === 0 ? sha256(Buffer.of(1), other, hash) : sha256(Buffer.of(1), hash, other)
  }
  t.equal(
    Buffer.from(second.payload, 'base64').toString(),
    `{"leaves":11,"root":"${hash.toString('hex')}"}`
  )
  t.end()
})

t.test('a key file signs each payload alone, as DSSE does', async t => {
  const payloads = texts.map(text => Buffer.from(text))
  t.same(
    await signPayloads(payloads, type, { kind: 'key', key: edKey }),
    payloads.map(payload => signEnvelope(payload, type, edKey))
  )
})

t.test('nothing else in the envelope of a batch verifies', t => {
  const outside = 'the payload is not in the signed batch'
  const unexpected = 'the payload has an unexpected type'
  const rootText = Buffer.from(first.payload, 'base64').toString()
  const rootOf = (text: string): Envelope => ({
    ...first,
    payload: Buffer.from(text).toString('base64')
  })
  const { proof } = leafOf(first)
  const cases: readonly [string, Envelope, string][] = [
    ['another payload', withLeaf(first, { payload: leafOf(second).payload }), outside],
    ['another index', withLeaf(first, { index: 1 }), outside],
    ['an index beyond the batch', withLeaf(first, { index: 11 }), outside],
    ['a missing hash', withLeaf(first, { proof: proof.slice(1) }), outside],
    ['one more hash', withLeaf(first, { proof: [...proof, ...proof] }), outside],
    ['a hash of 31 bytes', withLeaf(first, { proof: ['AAAA', ...proof.slice(1)] }), outside],
    ['a hash that is not base64', withLeaf(first, { proof: ['%', ...proof.slice(1)] }), outside],
    [
      'a payload that is not base64',
      withLeaf(first, { payload: '%' }),
      'the payload is not base64'
    ],
    ['another type of the payload', withLeaf(first, { payloadType: 'text/plain' }), unexpected],
    ['the root as the payload', withLeaf(first, { payload: first.payload }), outside],
    ['an empty batch', rootOf('{"leaves":0,"root":""}'), outside],
    ['another number of leaves', rootOf(rootText.replace('11', '12')), 'no trusted key signed it'],
    ['members in another order', rootOf(rootText.replace(/\{(.*),(.*)\}/, '{$2,$1}')), outside],
    ['a member more', rootOf(rootText.replace('}', ',"x":1}')), outside],
    ['white space', rootOf(`${rootText}\n`), outside],
    ['capital digits', rootOf(rootText.replace(/"root":".*"/, x => x.toUpperCase())), outside],
    ['no leaf', { ...first, leaf: undefined } as never, unexpected],
    ['a statement signed as a batch', { ...first, payloadType: type }, unexpected]
  ]
  for (const [what, envelope, reason] of cases) t.equal(outcome(envelope), reason, what)
  t.equal(outcome(first, [edTrusted]), 'no trusted key signed it')
  t.equal(outcome(first, [trusted], 'text/plain'), unexpected)
  t.equal(outcome(first, [trusted], batchPayloadType), unexpected, 'a root is not a payload')
  t.end()
})

t.test('types cannot be confused', async t => {
  // A signature over a statement that has the form of a root does not make a batch of it.
  const root = Buffer.from(first.payload, 'base64')
  const statement = signEnvelope(root, type, edKey)
  const asBatch = { ...statement, payloadType: batchPayloadType, leaf: leafOf(first) }
  t.equal(outcome(asBatch, [edTrusted]), 'no trusted key signed it')
  // A batch of another type has another root.
  const { envelopes: others } = await signed(texts, 'text/plain')
  const relabelled = withLeaf(firstOf(others), { payloadType: type })
  t.equal(outcome(relabelled), 'the payload is not in the signed batch')
  t.equal(outcome(firstOf(others), [trusted], 'text/plain'), texts[0])
  // An inner node is not a leaf.
  const inner = Buffer.from(leafOf(first).proof[1] ?? '', 'base64')
  t.notOk(isInBatch(root, { ...leafOf(first), proof: leafOf(first).proof.slice(2) }, inner))
})

t.test('an envelope of a batch is read with its leaf, and any other member is ignored', t => {
  t.same(parseEnvelope(JSON.stringify(first)), first)
  const single = signEnvelope(Buffer.from('{}'), type, edKey)
  const extended = { ...single, leaf: leafOf(first) }
  t.same(parseEnvelope(JSON.stringify(extended)), single, 'a leaf is not of a single payload')
  const incomplete =
    'the envelope of a batch has no leaf with payload, payloadType, index and proof [ATTESTATION_INVALID]'
  for (const leaf of [
    undefined,
    null,
    [],
    { ...leafOf(first), index: -1 },
    { ...leafOf(first), index: 0.5 },
    { ...leafOf(first), index: '0' },
    { ...leafOf(first), index: 2 ** 53 },
    { ...leafOf(first), proof: 'AAAA' },
    { ...leafOf(first), proof: [1] },
    { ...leafOf(first), payload: undefined },
    { ...leafOf(first), payloadType: 1 }
  ]) {
    t.equal(
      faultText(() => parseEnvelope(JSON.stringify({ ...first, leaf }))),
      incomplete
    )
  }
  const long = withLeaf(first, { proof: Array<string>(21).fill('AAAA') })
  t.equal(
    faultText(() => parseEnvelope(JSON.stringify(long))),
    'the proof has more than 20 hashes [ATTESTATION_INVALID]'
  )
  t.end()
})

t.test('one envelope costs at most 32 verifications, first of the key that it names', t => {
  const strangers = Array.from({ length: 40 }, () =>
    readTrustedKey(generateKeyPair().publicPem, 'k')
  )
  const envelope = signEnvelope(Buffer.from('{}'), type, edKey)
  const [signature] = envelope.signatures
  t.equal(outcome(envelope, [...strangers, edTrusted]), '{}', 'the named key comes first')
  const unnamed = { ...envelope, signatures: [{ keyid: '', sig: signature?.sig ?? '' }] }
  t.equal(outcome(unnamed, [...strangers.slice(0, 31), edTrusted]), '{}')
  t.equal(
    outcome(unnamed, [...strangers.slice(0, 32), edTrusted]),
    'no trusted key signed it, of the first 32 pairs of a key and a signature that were checked'
  )
  t.equal(
    outcome(unnamed, [...Array<typeof trusted>(40).fill(trusted), edTrusted]),
    '{}',
    'other kinds cost nothing'
  )
  const lies = { ...envelope, signatures: [{ keyid: trusted.id, sig: signature?.sig ?? '' }] }
  t.equal(outcome(lies, [trusted, edTrusted]), '{}', 'a wrong name hides no key')
  t.equal(outcome(lies, [trusted]), 'no trusted key signed it')
  t.end()
})
