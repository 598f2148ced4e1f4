import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { decodeReview } from '../../../webhook/review/decode.ts'
import { readStrictJson } from '../../../webhook/review/strict-json.ts'
import { job } from '../attested.ts'
import { bytes, reviewOf, reviewUid } from '../reviews.ts'

t.test('Strict JSON accepts only what every parser reads alike', t => {
  const read = (text: string | Buffer) => {
    const json = readStrictJson(typeof text === 'string' ? bytes(text) : text)
    return json.kind === 'object' ? json.value : json.reason
  }
  const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  const good: readonly (readonly [string, unknown])[] = [
    ['{}', {}],
    ['{"a":":{\\"b\\":1}"}', { a: ':{"b":1}' }],
    ['{"a\\\\":"\\\\","b":[{"a":1},{"a":2}]}', { 'a\\': '\\', b: [{ a: 1 }, { a: 2 }] }],
    ['{"constructor":1,"toString":2}', { constructor: 1, toString: 2 }],
    ['{"a":"\\ud800"}', { a: '\ud800' }],
    [' {"a" : null}\n', { a: null }]
  ]
  for (const [text, value] of good) t.same(read(text), value, text)
  t.type(read(nested(200)), 'object')
  t.type(read(nested(200).replaceAll(':', ': ')), 'object')
  const list = (items: number) => `{"a":[${Array(items).fill('1').join()}]}`
  t.type(read(list(79_999)), 'object')
  const twice = 'the body has an object with a duplicate member'
  const bad: readonly (readonly [string | Buffer, string])[] = [
    ['', 'the body is not JSON'],
    ['{', 'the body is not JSON'],
    ['{"a":1}{}', 'the body is not JSON'],
    ['{"a":"b', 'the body is not JSON'],
    ["{'a':1}", 'the body is not JSON'],
    ['\ufeff{}', 'the body is not JSON'],
    ['{"a":NaN}', 'the body is not JSON'],
    ['[]', 'the body is not a JSON object'],
    ['null', 'the body is not a JSON object'],
    ['"{}"', 'the body is not a JSON object'],
    ['{"a":1,"a":1}', twice],
    ['{"a":{"b":1,"c":2,"b":3}}', twice],
    ['{"a":1,"\\u0061":2}', twice],
    ['{"a":{"b":1},"a":{}}', twice],
    ['{"__proto__":{}}', 'the body has a member __proto__'],
    ['{"a":[{"\\u005f_proto__":1}]}', 'the body has a member __proto__'],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'the body is not UTF-8'],
    [Buffer.from('{"a":1}', 'utf16le'), 'the body is not JSON'],
    [nested(201), 'the body nests deeper than 200 levels'],
    [nested(201).replaceAll(':', ': '), 'the body nests deeper than 200 levels'],
    ['['.repeat(100_000), 'the body nests deeper than 200 levels'],
    [nested(100_000), 'the body nests deeper than 200 levels'],
    [list(80_000), 'the body has more than 80000 values'],
    [`{${'"a":1,'.repeat(80_000)}"b":2}`, 'the body has more than 80000 values'],
    [`[${'{},'.repeat(80_000)}{}]`, 'the body has more than 80000 values']
  ]
  for (const [text, reason] of bad) t.equal(read(text), reason, text.toString().slice(0, 40))
  t.end()
})

t.test('A review becomes a subject', t => {
  const userInfo = { username: 'system:node:a', groups: ['system:nodes', 7] }
  const review = decodeReview(bytes(reviewOf(job, { request: { userInfo, dryRun: true } })))
  t.match(review, {
    kind: 'review',
    uid: reviewUid,
    isDryRun: true,
    subject: {
      operation: 'CREATE',
      subResource: '',
      identity: { group: 'batch', version: 'v1', kind: 'Job', namespace: 'ml', name: 'train' },
      requester: { username: 'system:node:a', groups: ['system:nodes'] }
    }
  })
  const requesterOf = (object: JsonObject, request: JsonObject) => {
    const decoded = decodeReview(bytes(reviewOf(object, { request })))
    return decoded.kind === 'review' ? decoded.subject?.requester : decoded.reason
  }
  t.same(requesterOf(job, { userInfo }), { username: userInfo.username, groups: ['system:nodes'] })
  t.same(requesterOf(job, { userInfo: { groups: 'system:nodes' } }), { username: '', groups: [] })
  const identityOf = (object: JsonObject, request: JsonObject = {}) => {
    const decoded = decodeReview(bytes(reviewOf(object, { request })))
    return decoded.kind === 'review' ? decoded.subject?.identity : decoded.reason
  }
  const core = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } }
  t.match(identityOf(core, { namespace: 'ml' }), { kind: 'Pod', namespace: 'ml', name: 'x' })
  t.match(identityOf(core, { namespace: null }), { namespace: '' })
  t.match(identityOf({ ...core, apiVersion: 'example.com/v1', kind: 'List' }), { kind: 'List' })
  t.match(identityOf(core, { name: 'other' }), { name: 'x' }, 'its own name is the name')
  const update = { operation: 'UPDATE', oldObject: job, subResource: 'scale' }
  t.match(decodeReview(bytes(reviewOf(job, update))), {
    kind: 'review',
    isDryRun: false,
    subject: { operation: 'UPDATE', subResource: 'scale', oldObject: job }
  })
  for (const operation of ['DELETE', 'CONNECT']) {
    const request = { object: null }
    t.same(
      decodeReview(bytes(reviewOf(job, { operation, request }))),
      { kind: 'review', uid: reviewUid, isDryRun: false },
      operation
    )
  }
  t.end()
})

t.test("The request's name is used when the object's name is not generated yet", t => {
  const unnamed = { ...job, metadata: { generateName: 'train-', namespace: 'ml' } }
  const nameOf = (request: JsonObject) => {
    const review = decodeReview(bytes(reviewOf(unnamed, { request })))
    return review.kind === 'review' ? review.subject?.identity.name : review.reason
  }
  t.equal(nameOf({ name: 'train-x7' }), 'train-x7')
  t.equal(nameOf({ name: null }), '')
  t.end()
})

t.test('An incomplete or contradictory review is refused, never guessed', t => {
  const version = 'the body is not an AdmissionReview of admission.k8s.io/v1'
  const uid = 'request.uid must be a string of 1 to 128 characters'
  const kind = 'request.kind is not the kind of request.object'
  const good = reviewOf(job)
  const asking = (request: JsonObject) => reviewOf(job, { request })
  const batch = { group: 'batch', version: 'v1', kind: 'Job' }
  const cases: readonly (readonly [JsonObject, string])[] = [
    [{}, version],
    [{ ...good, kind: 'Review' }, version],
    [{ ...good, apiVersion: 'admission.k8s.io/v1beta1' }, version],
    [{ ...good, apiVersion: 1 }, version],
    [{ ...good, request: null }, 'request must be an object'],
    [asking({ uid: null }), 'request.uid must be a string'],
    [asking({ uid: '' }), uid],
    [asking({ uid: 'u'.repeat(129) }), uid],
    [asking({ operation: ['CREATE'] }), 'request.operation must be a string'],
    [
      asking({ operation: 'create' }),
      'request.operation must be CREATE, UPDATE, DELETE or CONNECT'
    ],
    [asking({ object: null }), 'request.object must be an object'],
    [asking({ object: [job] }), 'request.object must be an object'],
    [asking({ operation: 'UPDATE' }), 'request.oldObject must be an object for UPDATE'],
    [asking({ kind: null }), 'request.kind must be an object'],
    [asking({ kind: { ...batch, group: '' } }), kind],
    [asking({ kind: { ...batch, version: 'v2' } }), kind],
    [asking({ kind: { ...batch, kind: 'Pod' } }), kind],
    [
      reviewOf({ apiVersion: 'v1', kind: 'List', metadata: {}, items: [job] }),
      'request.object is a List; its items must be reviewed one by one'
    ],
    [asking({ namespace: 'other' }), 'request.namespace is not the namespace of request.object']
  ]
  for (const [review, reason] of cases) {
    t.same(decodeReview(bytes(review)), { kind: 'refused', reason }, reason)
  }
  t.same(decodeReview(bytes(asking({ uid: 'u'.repeat(128) }))).kind, 'review')
  t.same(decodeReview(bytes('{')), { kind: 'refused', reason: 'the body is not JSON' })
  t.end()
})
