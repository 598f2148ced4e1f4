import { cpSync } from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { ask } from '../service/loopback.ts'
import { job } from './attested.ts'
import { bytes, reviewOf } from './reviews.ts'
import { authority, leafFor, startWebhook } from './webhook-process.ts'

const ca = authority.certificatePem
const pair = await leafFor()
const folder = t.testdir({ 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem })
const policies = path.join(import.meta.dirname, '../../manifests/policies')
cpSync(policies, path.join(folder, 'policies'), { recursive: true })
const webhook = await startWebhook(t, folder)
const { server } = webhook
const limitBytes = 7 * 1024 * 1024

function post(body: Buffer | string, more: Readonly<Record<string, string>> = {}) {
  const headers = { 'Content-Type': 'application/json', ...more }
  return ask(server, { method: 'POST', path: '/validate', body, headers, ca })
}

/** An object of a kind, as the API server asks for it. */
function asked(apiVersion: string, kind: string, spec: JsonValue, metadata: JsonObject = {}) {
  return bytes(reviewOf({ apiVersion, kind, metadata: { ...job.metadata, ...metadata }, spec }))
}

const repeated = (text: string, times: number) => Array(times).fill(text).join()
const nested = (open: string, close: string, levels: number) =>
  `{"a":${open.repeat(levels)}${close.repeat(levels)}}`
const containers = (count: number, image = 'x') => ({ containers: Array(count).fill({ image }) })
const isvc = ['serving.kserve.io/v1beta1', 'InferenceService'] as const
const workflow = ['argoproj.io/v1alpha1', 'Workflow'] as const
const manifests = (...texts: string[]) => ({
  templates: texts.map(manifest => ({ resource: { manifest } }))
})

/** Each took seconds, or a process, of one tool or another. */
const unreadable: Readonly<Record<string, string | Buffer>> = {
  nothing: '',
  'an open bracket, 7 MiB of it': '['.repeat(limitBytes),
  'an open brace': '{"a":'.repeat(limitBytes / 5),
  'lists, 100,000 levels': nested('[', ']', 100_000),
  'objects, 100,000 levels': nested('{"a":', '}', 100_000).replace('{"a":}', '{}'),
  'a million members': `{${Array.from({ length: 500_000 }, (_, at) => `"k${at}":1`).join()}}`,
  'members that hash alike': `{${Array.from({ length: 300_000 }, (_, at) => `"${(at * 1_048_576) % 4_294_967_295}":1`).join()}}`,
  'a member a million times': `{${repeated('"a":1', 1_000_000)}}`,
  'a million empty objects': `{"a":[${repeated('{}', 1_000_000)}]}`,
  'a number of 7 MiB': `{"a":${'9'.repeat(limitBytes - 6)}}`,
  'a fraction of 7 MiB': `{"a":0.${'9'.repeat(limitBytes - 8)}}`,
  'a string of quotes': `{"a":"${'\\"'.repeat((limitBytes - 8) / 2)}"}`,
  'a string without an end': `{"a":"${'\\\\'.repeat((limitBytes - 8) / 2)}\\"`,
  'no UTF-8': Buffer.alloc(limitBytes, 0xff),
  'half a character': Buffer.from([...Buffer.from('{"a":"'), 0xe2, 0x82, 0x22, 0x7d]),
  'zero bytes': Buffer.alloc(limitBytes),
  '__proto__ at depth': nested('[{"__proto__":', '}]', 50).replace(':}', ':{}}'),
  'a lone surrogate as the operation': JSON.stringify(reviewOf(job, { operation: '\ud800' }))
}

const judged: Readonly<Record<string, Buffer>> = {
  '30,000 containers': asked('v1', 'Pod', containers(30_000)),
  '2,000 images that cannot be read': asked('v1', 'Pod', containers(2_000, 'A b')),
  'an image of 3 MiB': asked('v1', 'Pod', containers(1, 'a'.repeat(3_000_000))),
  'an image of at signs': asked('v1', 'Pod', containers(1, '@'.repeat(3_000_000))),
  'an image of surrogates': asked('v1', 'Pod', containers(1, '\ud800'.repeat(300_000))),
  'a model of at signs': asked(...isvc, {
    predictor: { model: { storageUri: '@'.repeat(3_000_000) } }
  }),
  'a model of slashes': asked(...isvc, {
    predictor: { model: { storageUri: `s3:${'/'.repeat(3_000_000)}` } }
  }),
  'a quantity of digits': asked('v1', 'Pod', {
    containers: [{ image: 'x', resources: { requests: { cpu: `${'1'.repeat(3_000_000)}x` } } }]
  }),
  'numbers beyond all bounds': bytes(
    JSON.stringify(reviewOf({ ...job, spec: { parallelism: 7, ...job.spec } })).replace(
      ':7',
      ':1e400'
    )
  ),
  'sixty texts of 64 KiB': asked(
    ...workflow,
    manifests(...Array<string>(60).fill('- image: x\n'.repeat(5_900)))
  ),
  'a text of 9,000 documents': asked(...workflow, manifests('{}\n---\n'.repeat(9_000))),
  'a text of anchors': asked(...workflow, manifests('{a: &a [1]}\n---\n'.repeat(4_000))),
  '79,000 labels': asked('v1', 'Pod', containers(1), {
    labels: Object.fromEntries(Array.from({ length: 79_000 }, (_, at) => [`k${at}`, 'v']))
  }),
  'a text of brackets': asked(...workflow, manifests('['.repeat(60_000))),
  'a text of a billion laughs': asked(
    ...workflow,
    manifests(
      Array.from(
        { length: 9 },
        (_, at) => `a${at}: &a${at} [${repeated(at === 0 ? 'x' : `*a${at - 1}`, 9)}]`
      ).join('\n')
    )
  ),
  '9,000 templates in templates': asked(...workflow, {
    templates: Array(9_000).fill({ steps: [[{ inline: { container: { image: 'x' } } }]] })
  }),
  'an attestation of lists': asked('v1', 'Pod', containers(1), {
    annotations: { 'mlgitops.io/attestation': '['.repeat(200_000) }
  }),
  'a name of 3 MiB': asked('v1', 'Pod', containers(1), { name: 'n'.repeat(3_000_000) })
}

t.test('An unreadable body is refused with its reason', async t => {
  for (const [name, body] of Object.entries(unreadable)) {
    const { status, body: reason } = await post(body)
    t.equal(status, 400, name)
    t.match(reason, /^(?:the body|request)[ .][^\n]{4,100}\n$/, name)
  }
  t.same(
    await post(gzipSync(bytes(reviewOf(job))), { 'Content-Encoding': 'gzip' }).then(reply => [
      reply.status,
      reply.body
    ]),
    [415, 'Content-Encoding is not supported\n']
  )
})

t.test('A readable body is judged, and never admitted because it is malicious', async t => {
  for (const [name, body] of Object.entries(judged)) {
    const { status, body: answer } = await post(body)
    t.equal(status, 200, name)
    const { response } = JSON.parse(answer) as { response: { allowed: boolean } }
    t.equal(response.allowed, false, name)
    t.ok(answer.length < 100_000, `${name}: an answer of ${answer.length} bytes`)
  }
})

t.test('A body without Content-Length is measured while it is read', async t => {
  const request = https.request({
    ...server.address,
    path: '/validate',
    method: 'POST',
    ca,
    headers: { 'Content-Type': 'application/json' }
  })
  const status = new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', response => {
      response.resume()
      resolve(response.statusCode)
    })
  })
  const chunk = Buffer.alloc(64 * 1024, 0x20)
  for (let sent = 0; sent <= limitBytes; sent += chunk.length) {
    await new Promise(resolve => request.write(chunk, resolve))
  }
  t.equal(await status, 413)
  request.destroy()
})

t.test('After all of this the same process still judges', async t => {
  t.match(await ask(server, { path: '/readyz', ca }), { status: 200 })
  t.match((await post(bytes(reviewOf(job)))).body, /"allowed":false.*no attestation/)
  t.doesNotThrow(() => process.kill(webhook.pid, 0))
  const internalErrors = webhook
    .stderr()
    .split('\n')
    .filter(line => /"level":"(?:error|warn)"/.test(line))
  t.same(internalErrors, [])
  t.ok(webhook.stderr().length < 100_000, 'a line of the log is bounded too')
})
