import https from 'node:https'
import t from 'tap'
import type { JsonObject } from '../../common/json.ts'
import { ask } from '../service/loopback.ts'
import { eventually } from '../eventually.ts'
import {
  authority,
  begin,
  demanding,
  jobWith,
  leafFor,
  post,
  reviewOf,
  startWebhook
} from './webhook-process.ts'

const ca = authority.certificatePem
const pair = await leafFor()
const files = { 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem }
const policies = { 'team.json': demanding('team'), strict: { 'owner.json': demanding('owner') } }
const folder = t.testdir({ ...files, policies })
const webhook = await startWebhook(t, folder)
const { server, metricsServer } = webhook

function answer(response: JsonObject): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'a1b2', ...response }
  })
}

const allowed = answer({ allowed: true, auditAnnotations: { decision: 'allowed' } })

/** The denial of the Job for a missing label, by the policy that requires it. */
function denied(label: string): string {
  const message = `the label ${label} is missing`
  return answer({
    allowed: false,
    status: {
      status: 'Failure',
      code: 403,
      reason: 'Forbidden',
      message: `1 violation by batch/Job ml/train
- demand-${label} (labels): ${message}
    field:   metadata.labels[${label}]
    allowed: any non-empty value
    fix:     set the label ${label}`,
      details: {
        name: 'train',
        group: 'batch',
        kind: 'Job',
        causes: [
          {
            reason: `demand-${label}/labels`,
            message: `${message}; allowed: any non-empty value; fix: set the label ${label}`,
            field: `metadata.labels[${label}]`
          }
        ]
      }
    },
    auditAnnotations: { decision: 'denied', 'denied-by': `demand-${label}/labels` }
  })
}

t.test('Standard output names both addresses', t => {
  const { port } = server.address
  t.equal(
    webhook.stdout(),
    `listening on https://127.0.0.1:${port}\nmetrics on http://127.0.0.1:${metricsServer.address.port}\n`
  )
  t.end()
})

t.test('Health answers on both addresses, metrics on the second', async t => {
  const ready = { status: 200, body: '[+]policies ok\n[+]certificate ok\nready\n' }
  t.match(await ask(server, { path: '/readyz', ca }), ready)
  t.match(await ask(metricsServer, { path: '/readyz' }), ready)
  t.match(await ask(server, { path: '/healthz', ca }), { status: 200, body: 'ok\n' })
  t.match(await ask(metricsServer, { path: '/healthz' }), { status: 200, body: 'ok\n' })
  t.match(await ask(server, { path: '/metrics', ca }), { status: 404 })
  t.match(await ask(metricsServer, { method: 'POST', path: '/validate' }), { status: 404 })
  const { body } = await ask(metricsServer, { path: '/metrics' })
  for (const line of [
    /^mlgitops_policies_loaded\{policy_set=""\} 1$/m,
    /^mlgitops_policies_loaded\{policy_set="strict"\} 1$/m,
    /^mlgitops_policies_current 1$/m,
    /^mlgitops_certificates_current 1$/m,
    /^mlgitops_certificate_not_after_seconds\{kind="leaf"\} \d{10}$/m,
    /^mlgitops_build_info\{version="\d+\.\d+\.\d+",node="[\d.]+"\} 1$/m,
    /^process_cpu_seconds_total /m
  ]) {
    t.match(body, line)
  }
})

t.test('A review is allowed or denied with exactly what the API server reads', async t => {
  const yes = await post(server, reviewOf(jobWith({ team: 'a' })))
  t.same([yes.status, yes.body], [200, allowed])
  t.equal(yes.headers['content-type'], 'application/json')
  const no = await post(server, reviewOf(jobWith({ secret: 'hunter2' })))
  t.same([no.status, no.body], [200, denied('team')])
  const dry = await post(server, reviewOf(jobWith({}), { dryRun: true }))
  t.equal(dry.body, denied('team'))
  const gone = { operation: 'DELETE', object: null, oldObject: jobWith({}) }
  t.equal((await post(server, reviewOf({}, gone))).body, answer({ allowed: true }))
  const lines = webhook.stderr().split('\n').filter(Boolean)
  const denials = lines.map(line => JSON.parse(line) as JsonObject).filter(isDenial)
  const said = { kind: 'Job', namespace: 'ml', name: 'train', policies: 'demand-team' }
  t.same(
    denials.map(({ time, level, message, ...rest }) => {
      return [typeof time, level, message, rest]
    }),
    [
      ['string', 'info', 'denied', { ...said, isDryRun: false }],
      ['string', 'info', 'denied', { ...said, isDryRun: true }]
    ]
  )
  t.notMatch(webhook.stderr(), /hunter2|jane/, 'no payload is logged')
  const { body } = await ask(metricsServer, { path: '/metrics' })
  for (const line of [
    'mlgitops_admission_decisions_total{decision="allowed",dry_run="false"} 1\n',
    'mlgitops_admission_decisions_total{decision="denied",dry_run="false"} 1\n',
    'mlgitops_admission_decisions_total{decision="denied",dry_run="true"} 1\n',
    'mlgitops_policy_violations_total{policy="demand-team",rule="labels",action="Deny"} 2\n'
  ]) {
    t.match(body, line)
  }
})

function isDenial({ message }: JsonObject): boolean {
  return message === 'denied'
}

t.test('A controller whose parent was admitted is exempt, and counted so', async t => {
  const owners = [
    { apiVersion: 'batch/v1', kind: 'CronJob', name: 'c', uid: '1', controller: true }
  ]
  const child = jobWith({})
  const metadata = { ...(child.metadata as JsonObject), ownerReferences: owners }
  const userInfo = { username: 'system:serviceaccount:kube-system:cronjob-controller' }
  const reply = await post(server, reviewOf({ ...child, metadata }, { userInfo }))
  t.match(reply.body, '"allowed":true,"auditAnnotations":{"decision":"allowed","exemption":')
  t.match(
    (await ask(metricsServer, { path: '/metrics' })).body,
    'mlgitops_admission_decisions_total{decision="exempt",dry_run="false"} 1\n'
  )
})

t.test('/validate/<policy-set> judges only by the policies of that subfolder', async t => {
  const path = '/validate/strict?timeout=10s'
  t.equal((await post(server, reviewOf(jobWith({ team: 'a' })), { path })).body, denied('owner'))
  t.equal((await post(server, reviewOf(jobWith({ owner: 'a' })), { path })).body, allowed)
  for (const name of ['loose', '..', '__proto__', '%2e%2e']) {
    const reply = await post(server, reviewOf(jobWith({})), { path: `/validate/${name}` })
    t.same([reply.status, reply.body], [404, 'policy set not found\n'], name)
  }
})

t.test('A body that is not a review is refused with a client error, not denied', async t => {
  const type = '415 the Content-Type must be application/json\n'
  const cases: readonly (readonly [string, string, string])[] = [
    ['text/plain', reviewOf(jobWith({})), type],
    ['application/jsonp', reviewOf(jobWith({})), type],
    ['', reviewOf(jobWith({})), type],
    ['application/json', '{}', '400 the body is not an AdmissionReview of admission.k8s.io/v1\n'],
    [
      'application/json',
      reviewOf(jobWith({}), { uid: '' }),
      '400 request.uid must be a string of 1 to 128 characters\n'
    ]
  ]
  for (const [type, body, expected] of cases) {
    const reply = await post(server, body, { type })
    t.equal(`${reply.status} ${reply.body}`, expected)
  }
  const charset = { type: 'application/json; charset=utf-8' }
  t.equal((await post(server, reviewOf(jobWith({ team: 'a' })), charset)).body, allowed)
  t.equal((await ask(server, { path: '/validate', ca })).status, 405)
})

const limitBytes = 7 * 1024 * 1024

/** A review of exactly this many bytes. */
function sized(bytes: number): Buffer {
  const bare = reviewOf({ ...jobWith({ team: 'a' }), status: '' }).length
  return Buffer.from(reviewOf({ ...jobWith({ team: 'a' }), status: 'x'.repeat(bytes - bare) }))
}

t.test('A body of 7 MiB is read, a larger one is not', async t => {
  const full = await post(server, sized(limitBytes))
  t.same([full.status, full.body], [200, allowed])
  const more = await post(server, sized(limitBytes + 1))
  t.same([more.status, more.body], [413, 'the body is larger than 7340032 bytes\n'])
})

t.test('Idle connections stay open longer than the 90 seconds of the API server', async t => {
  const agent = new https.Agent({ keepAlive: true })
  const reply = await post(server, reviewOf(jobWith({})), { agent })
  agent.destroy()
  const seconds = Number(/^timeout=(\d+)$/.exec(String(reply.headers['keep-alive']))?.[1])
  t.ok(seconds > 90, `${seconds} s`)
  t.equal(reply.headers.connection, 'keep-alive')
})

t.test('A review past its ?timeout= is answered 503, which the API server retries', async t => {
  const body = Buffer.from(reviewOf(jobWith({ team: 'a' })))
  const paths = ['?timeout=1s', '?timeout=30s', '?timeout=soon', '']
  const begun = await Promise.all(
    paths.map(query => begin(server, body, body.length - 1, `/validate${query}`))
  )
  const inFlight = /^mlgitops_http_requests_in_flight 4$/m
  await eventually(async () => inFlight.test((await ask(metricsServer, { path: '/metrics' })).body))
  const overMs = performance.now() + 1_001
  await eventually(() => performance.now() > overMs)
  for (const { finish } of begun) finish()
  const replies = await Promise.all(begun.map(({ reply }) => reply))
  t.same(
    replies.map(({ status, body, headers }) => [status, headers['retry-after'], body]),
    [
      [503, '1', 'the timeout of the request has expired\n'],
      [200, undefined, allowed],
      [200, undefined, allowed],
      [200, undefined, allowed]
    ]
  )
})

t.test('With 64 MiB of bodies held one more is answered 503, and health still answers', async t => {
  const body = sized(limitBytes)
  const begun = await Promise.all(
    Array.from({ length: 9 }, () => begin(server, body, limitBytes - 1))
  )
  const held = /^mlgitops_http_body_bytes_held (\d+)$/m
  const metrics = async () => (await ask(metricsServer, { path: '/metrics' })).body
  await eventually(async () => held.exec(await metrics())?.[1] === String(9 * (limitBytes - 1)))
  t.match(await metrics(), /^mlgitops_http_requests_in_flight 9$/m)
  const refused = await post(server, body)
  t.same(
    [refused.status, refused.headers['retry-after'], refused.body],
    [503, '1', 'too many bytes of request bodies are held; retry later\n']
  )
  t.equal((await ask(server, { path: '/healthz', ca })).status, 200)
  t.equal(
    (await post(server, reviewOf(jobWith({ team: 'a' })))).body,
    allowed,
    'a small one has room'
  )
  for (const { finish } of begun) finish()
  const replies = await Promise.all(begun.map(({ reply }) => reply))
  t.same(new Set(replies.map(({ body }) => body)), new Set([allowed]))
  t.match(await metrics(), /^mlgitops_http_body_bytes_held 0$/m)
})
