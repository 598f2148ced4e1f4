import fc from 'fast-check'
import type { IncomingHttpHeaders } from 'node:http'
import t from 'tap'
import { Fault } from '../../../common/fault.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import type { Answer } from '../../../service/http/answer.ts'
import type { HttpRequest } from '../../../service/http/request.ts'
import type { Decision } from '../../../webhook/decision.ts'
import type { PolicySets } from '../../../webhook/policy/policies.ts'
import type { PolicySet } from '../../../webhook/policy/policy-set.ts'
import { reviewHandler } from '../../../webhook/review/handler.ts'
import { takeAnswer } from '../api-server.ts'
import { job } from '../attested.ts'
import { bytes, reviewOf, reviewUid } from '../reviews.ts'

interface Sent {
  readonly body?: Buffer
  readonly policySet?: string
  readonly sets?: PolicySets | undefined
  readonly contentType?: string
  readonly timeout?: string
  readonly waitedMs?: number
}

const decisions: { readonly decision: Decision; readonly isDryRun: boolean }[] = []

const emptySet = (): PolicySet => ({ policies: [], exceptions: [] })
const twoSets: PolicySets = new Map([
  ['', emptySet()],
  ['strict', emptySet()]
])

/** Denies every object, so that one that is allowed was never judged. */
function post(sent: Sent = {}) {
  const { body = bytes(reviewOf(job)), waitedMs = 0, timeout = '10s' } = sent
  const params = sent.policySet === undefined ? {} : { policySet: sent.policySet }
  const sets = 'sets' in sent ? sent.sets : twoSets
  const handler = reviewHandler({
    policySets: () => sets,
    judge: ({ identity }, set) => {
      const [name] = [...(sets ?? [])].find(([, each]) => each === set) ?? []
      const found = {
        policy: 'p',
        rule: 'labels',
        field: 'metadata',
        problem: `set ${String(name)}`
      }
      const violations = [{ ...found, actions: ['Deny'] as const }]
      return { kind: 'denied', object: identity, policies: [], violations, exempted: [] }
    },
    record: (decision, isDryRun) => decisions.push({ decision, isDryRun }),
    nowMs: () => waitedMs
  })
  const headers: IncomingHttpHeaders =
    sent.contentType === '' ? {} : { 'content-type': sent.contentType ?? 'application/json' }
  const queryValue = (name: string) => (name === 'timeout' ? timeout : undefined)
  const request: Partial<HttpRequest> = { headers, body, params, queryValue, startedMs: 0 }
  const { status, body: answered, headers: extra = {} } = handler(request as HttpRequest) as Answer
  return { status, body: answered.toString(), headers: extra }
}

function said(sent: Sent): string {
  const { status, body } = post(sent)
  return `${status} ${body.trimEnd()}`
}

t.test('A review is judged by the set of its path, and the decision is recorded', t => {
  const outcome = takeAnswer(reviewUid, post())
  t.match(outcome, { kind: 'denied', code: 403, message: /labels\): set \n/, dropped: [] })
  t.match(takeAnswer(reviewUid, post({ policySet: 'strict' })), { message: /set strict\n/ })
  t.equal(said({ policySet: 'other' }), '404 policy set not found')
  const renamed = new Map([['other', emptySet()]])
  t.equal(said({ sets: renamed }), '404 policy set not found', 'the set is gone')
  t.equal(said({ sets: undefined }), '503 the policies are not loaded yet')
  decisions.length = 0
  post({ body: bytes(reviewOf(job, { request: { dryRun: true } })) })
  t.match(decisions, [{ isDryRun: true, decision: { kind: 'denied' } }])
  t.end()
})

t.test('A request without an object is allowed without a decision', t => {
  decisions.length = 0
  const body = bytes(reviewOf(job, { operation: 'DELETE', request: { object: null } }))
  t.match(takeAnswer(reviewUid, post({ body })), { kind: 'allowed', warnings: [] })
  t.same(decisions, [])
  t.end()
})

t.test('The Content-Type must be JSON', t => {
  const refused = '415 the Content-Type must be application/json'
  for (const contentType of [
    '',
    'text/plain',
    'text/application/json',
    'application/jsonp',
    'application/json2; a=b'
  ]) {
    t.equal(said({ contentType }), refused, contentType)
  }
  for (const contentType of [
    'application/json; charset=utf-8',
    'Application/JSON ;q=1',
    'Application/JSON',
    'application/json\t '
  ]) {
    t.equal(post({ contentType }).status, 200, contentType)
  }
  t.end()
})

t.test('A review past its timeout is answered as overload, which the API server retries', t => {
  t.equal(post({ timeout: '2s', waitedMs: 2_000 }).status, 200)
  t.same(post({ timeout: '2s', waitedMs: 2_001 }), {
    status: 503,
    body: 'the timeout of the request has expired\n',
    headers: { 'Retry-After': '1' }
  })
  for (const timeout of ['', '2', 's', '-2s', '2s;', '12345s']) {
    t.equal(post({ timeout, waitedMs: 60_000 }).status, 200, timeout)
  }
  t.end()
})

t.test('No body, however malformed or hostile, is allowed by accident', t => {
  const review = reviewOf(job)
  const good = bytes(review)
  const mutated = fc
    .array(fc.record({ at: fc.nat(good.length - 1), byte: fc.nat(255), isCut: fc.boolean() }), {
      minLength: 1,
      maxLength: 4
    })
    .map(edits => {
      let body = Buffer.from(good)
      for (const { at, byte, isCut } of edits) {
        if (isCut) body = Buffer.concat([body.subarray(0, at), body.subarray(at + (byte % 9))])
        else if (at < body.length) body[at] = byte
      }
      return body
    })
  const hostile: JsonValue[] = [null, 0, '', [], {}, 'DELETE', { a: { b: [] } }, '\ud800']
  const replaced = fc
    .tuple(
      fc.constantFrom(...Object.keys(review.request as JsonObject)),
      fc.oneof(fc.constantFrom(...hostile), fc.jsonValue() as fc.Arbitrary<JsonValue>)
    )
    .map(([key, value]) => bytes(reviewOf(job, { request: { [key]: value } })))
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map(array => Buffer.from(array)),
    fc.json({ maxDepth: 5 }).map(bytes)
  )
  fc.assert(
    fc.property(fc.oneof(mutated, replaced, anything), body => {
      const answer = post({ body })
      if (answer.status === 400) return !answer.body.includes('undefined')
      const { response } = JSON.parse(answer.body) as { response: { allowed: boolean } }
      const operation = /"operation":"(DELETE|CONNECT)"/.test(body.toString())
      return answer.status === 200 && response.allowed === operation
    }),
    { seed: 11, numRuns: 2_000 }
  )
  t.end()
})

t.test('A duplicate member never hides what is judged', t => {
  const text = JSON.stringify(reviewOf(job))
  const twice = [
    text.replace('"request":{', '"request":{"operation":"DELETE",'),
    text.replace('"uid"', '"object":null,"uid"'),
    text.replace('"spec":{', '"spec":{},"spec":{'),
    text.replace('"spec":{', '"\\u0073pec":{},"spec":{')
  ]
  for (const body of twice) {
    t.equal(said({ body: Buffer.from(body) }), '400 the body has an object with a duplicate member')
  }
  t.end()
})

t.test('An asynchronous decision is awaited, and overload is never a denial', async t => {
  const asked: (number | undefined)[] = []
  const answer = async (error: Error, timeout: string) => {
    const handler = reviewHandler({
      policySets: () => twoSets,
      judge: async (_subject, _name, timeLeftMs) => {
        asked.push(timeLeftMs)
        await Promise.resolve()
        throw error
      },
      record: () => t.fail('nothing was decided'),
      nowMs: () => 1_500
    })
    const headers = { 'content-type': 'application/json' }
    const queryValue = (name: string) => (name === 'timeout' ? timeout : undefined)
    const body = bytes(reviewOf(job))
    const request: Partial<HttpRequest> = {
      headers,
      body,
      params: {},
      queryValue,
      startedMs: 1_000
    }
    return handler(request as HttpRequest)
  }
  t.match(await answer(new Fault('CEL_BUSY', 'none became free'), '10s'), {
    status: 503,
    body: 'none became free\n',
    headers: { 'Retry-After': '1' }
  })
  await t.rejects(answer(new Fault('CEL_INVALID', 'a bug'), ''), { code: 'CEL_INVALID' })
  await t.rejects(answer(new Error('a bug'), '1s'), { message: 'a bug' })
  t.same(asked, [9_500, undefined, 500])
})
