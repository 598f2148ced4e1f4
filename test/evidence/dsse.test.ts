import fc from 'fast-check'
import t from 'tap'
import {
  inTotoPayloadType,
  parseEnvelope,
  signEnvelope,
  verifyEnvelope
} from '../../evidence/attestation/dsse.ts'
import { preAuthenticationEncoding } from '../../evidence/attestation/encoding.ts'
import type { Envelope } from '../../evidence/attestation/dsse.ts'
import { generateKeyPair, readSigningKey, readTrustedKey } from '../../evidence/attestation/key.ts'
import { faultText } from '../fault-text.ts'

const pair = generateKeyPair()
const key = readSigningKey(pair.privatePem, '--key')
const trusted = readTrustedKey(pair.publicPem, '--keys')
const stranger = readTrustedKey(generateKeyPair().publicPem, '--keys')
const payload = Buffer.from('{"hello":"world"}')
const envelope = signEnvelope(payload, inTotoPayloadType, key)

t.test('the signed bytes are the encoding of the DSSE specification', t => {
  t.equal(
    preAuthenticationEncoding(
      'http://example.com/HelloWorld',
      Buffer.from('hello world')
    ).toString(),
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
  )
  t.equal(preAuthenticationEncoding('é', Buffer.from('€')).toString(), 'DSSEv1 2 é 3 €', 'in bytes')
  t.same(
    preAuthenticationEncoding('', Buffer.from([0, 255])),
    Buffer.from('44535345763120302020322000ff', 'hex')
  )
  t.end()
})

t.test('a trusted key verifies a signature', t => {
  t.same(verifyEnvelope(envelope, inTotoPayloadType, [stranger, trusted]), {
    kind: 'verified',
    payload,
    keyId: trusted.id
  })
  t.same(signEnvelope(payload, inTotoPayloadType, key), envelope, 'the same bytes each time')
  t.equal(envelope.payload, payload.toString('base64'))
  t.equal(envelope.signatures[0]?.keyid, trusted.id)
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ minLength: 1 }), (bytes, type) => {
      const text = JSON.stringify(signEnvelope(bytes, type, key))
      const result = verifyEnvelope(parseEnvelope(text), type, [trusted])
      return result.kind === 'verified' && result.payload.equals(Buffer.from(bytes))
    }),
    { seed: 11, numRuns: 100 }
  )
  t.end()
})

t.test('key IDs are only hints', t => {
  const renamed = { ...envelope, signatures: [{ keyid: stranger.id, sig: signatureOf(envelope) }] }
  t.match(verifyEnvelope(renamed, inTotoPayloadType, [stranger, trusted]), { keyId: trusted.id })
  t.match(verifyEnvelope(renamed, inTotoPayloadType, [stranger]), { kind: 'refused' })
  t.end()
})

t.test('one valid signature of several is enough, a broken one is ignored', t => {
  const sig = signatureOf(envelope)
  const signatures = ['%', 'AAAA', '', sig].map(text => ({ keyid: '', sig: text }))
  t.match(verifyEnvelope({ ...envelope, signatures }, inTotoPayloadType, [trusted]), {
    kind: 'verified'
  })
  t.end()
})

t.test('both base64 alphabets are accepted', t => {
  const bytes = Buffer.from([0xfb, 0xff, 0xfe, 0xff])
  const signed = signEnvelope(bytes, inTotoPayloadType, key)
  t.equal(signed.payload, '+//+/w==', 'the standard one is written')
  const urlSafe = {
    ...signed,
    payload: '-__-_w==',
    signatures: [{ keyid: '', sig: signatureOf(signed).replaceAll('+', '-').replaceAll('/', '_') }]
  }
  t.match(verifyEnvelope(urlSafe, inTotoPayloadType, [trusted]), { kind: 'verified' })
  for (const text of [
    '+__+_w==',
    '+//+/w',
    '+//+/w=',
    '+//+/x==',
    '+//+ /w==',
    '+//+/w==\n',
    '='
  ]) {
    t.same(
      verifyEnvelope({ ...signed, payload: text }, inTotoPayloadType, [trusted]),
      { kind: 'refused', reason: 'the payload is not base64' },
      JSON.stringify(text)
    )
  }
  t.end()
})

t.test('a changed payload, another type and untrusted signatures are refused', t => {
  const refused = (changed: Partial<Envelope>, keys = [trusted], type = inTotoPayloadType) => {
    const result = verifyEnvelope({ ...envelope, ...changed }, type, keys)
    return result.kind === 'refused' ? result.reason : 'verified'
  }
  t.equal(refused({}, [stranger]), 'no trusted key signed it')
  t.equal(refused({}, []), 'no trusted key signed it')
  t.equal(refused({ signatures: [] }), 'no trusted key signed it')
  t.equal(refused({ payloadType: 'text/plain' }), 'the payload has an unexpected type')
  t.equal(refused({}, [trusted], 'text/plain'), 'the payload has an unexpected type')
  t.equal(
    refused({ payloadType: 'text/plain' }, [trusted], 'text/plain'),
    'no trusted key signed it',
    'the type is under the signature'
  )
  const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/='
  const exchanged = (text: string, at: number, character: string) =>
    text.slice(0, at) + character + text.slice(at + 1)
  const anyExchange = (text: string) =>
    fc
      .tuple(fc.nat(text.length - 1), fc.constantFrom(...base64.split('')))
      .filter(([at, character]) => text[at] !== character)
      .map(([at, character]) => exchanged(text, at, character))
  fc.assert(
    fc.property(anyExchange(envelope.payload), text => refused({ payload: text }) !== 'verified'),
    { seed: 12, numRuns: 200 }
  )
  const sig = signatureOf(envelope)
  for (let at = 0; at < sig.length; at++) {
    const all = base64.split('').filter(character => character !== sig[at])
    const accepted = all.filter(
      character =>
        refused({ signatures: [{ keyid: '', sig: exchanged(sig, at, character) }] }) === 'verified'
    )
    if (accepted.length > 0) t.fail(`character ${at} of the signature can be ${accepted.join('')}`)
  }
  t.end()
})

function signatureOf({ signatures }: Envelope): string {
  return signatures[0]?.sig ?? ''
}

t.test('an envelope is read from compact JSON', t => {
  t.same(parseEnvelope(JSON.stringify(envelope)), envelope)
  t.same(
    parseEnvelope('{"x":[1],"payload":"","payloadType":"t","signatures":[{"sig":"AA==","y":2}]}'),
    { payload: '', payloadType: 't', signatures: [{ keyid: '', sig: 'AA==' }] },
    'unknown members are ignored, an unset key id is an empty one'
  )
  const empty = '{"payload":"","payloadType":"","signatures":[{"sig":""}]}'
  const payload = 'A'.repeat(262_144 - empty.length)
  t.equal(parseEnvelope(empty.replace('""', `"${payload}"`)).payload, payload, 'the largest')
  const sixteen = { ...envelope, signatures: Array(16).fill(envelope.signatures[0]) }
  t.same(parseEnvelope(JSON.stringify(sixteen)), sixteen)
  const form = 'the envelope is not a DSSE envelope'
  const compact = 'the envelope is not compact JSON, or has a duplicate member'
  const one = '{"keyid":"","sig":""}'
  const cases: readonly [string, string][] = [
    ['', 'the envelope is not JSON'],
    ['{', 'the envelope is not JSON'],
    ['['.repeat(100_000), 'the envelope is not JSON'],
    [`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'the envelope is not JSON'],
    ['x'.repeat(262_145), 'the envelope is too large'],
    ['null', form],
    ['[]', form],
    ['"x"', form],
    [`{"payloadType":"","signatures":[${one}]}`, form],
    [`{"payload":"","signatures":[${one}]}`, form],
    ['{"payload":"","payloadType":""}', form],
    ['{"payload":"","payloadType":"","signatures":[]}', form],
    [`{"payload":"","payloadType":"","signatures":${one}}`, form],
    [`{"payload":1,"payloadType":"","signatures":[${one}]}`, form],
    ['{"payload":"","payloadType":"","signatures":[1]}', form],
    ['{"payload":"","payloadType":"","signatures":[{"keyid":""}]}', form],
    ['{"payload":"","payloadType":"","signatures":[{"keyid":1,"sig":""}]}', form],
    [
      `{"payload":"","payloadType":"","signatures":[${Array(17).fill(one).join()}]}`,
      'the envelope has more than 16 signatures'
    ],
    [`{"payload":"x","payload":"","payloadType":"","signatures":[${one}]}`, compact],
    [`{ "payload":"","payloadType":"","signatures":[${one}]}`, compact],
    [`{"__proto__":{"payload":"","payloadType":"","signatures":[${one}]}}`, form]
  ]
  for (const [text, message] of cases) {
    t.throws(() => parseEnvelope(text), { code: 'ATTESTATION_INVALID', message }, text.slice(0, 60))
  }
  fc.assert(
    fc.property(fc.json(), text => {
      t.match(
        faultText(() => parseEnvelope(text)),
        /\[ATTESTATION_INVALID\]$/
      )
    }),
    { seed: 13, numRuns: 50 }
  )
  t.end()
})
