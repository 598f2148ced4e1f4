import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { eventually } from '../eventually.ts'
import { BenchTop } from './bench-top.ts'
import { drawPoints, fit } from './classifier.ts'
import { InferenceServer } from './inference-server.ts'

const classify = fit(drawPoints(500, 1))
const held = drawPoints(400, 2)
const right = held.filter(({ x, y }) => (classify(x) >= 0.5 ? 1 : 0) === y).length
const folder = t.testdir()
const ndjson = path.join(folder, 'set.ndjson')
writeFileSync(ndjson, held.map(({ x, y }) => `${JSON.stringify({ x, label: y })}\n`).join(''))
const csv = path.join(folder, 'set.csv')
const nested = `${'['.repeat(20_000)}1${']'.repeat(20_000)}`
const deepSet = path.join(folder, 'deep.ndjson')
const oneItem = path.join(folder, 'one.ndjson')
writeFileSync(oneItem, '{"x":[1,2],"label":1}\n')
writeFileSync(csv, `a,b,churned\n${held.map(({ x, y }) => `${x.join(',')},${y}\n`).join('')}`)

const local = {
  allowed: [],
  isLocal: true,
  prometheus: undefined,
  tokens: [],
  files: { folder: undefined, isLocal: true }
}

async function start(t: Test): Promise<{ server: InferenceServer; url: string; bench: BenchTop }> {
  const server = new InferenceServer(classify)
  const url = await server.listen()
  const bench = new BenchTop({ sources: local })
  t.teardown(() => {
    server.close()
    bench.analyst.stop()
  })
  return { server, url, bench }
}

const metadata = (url: string, more: Readonly<Record<string, string>> = {}) => ({
  source: 'replay',
  'replay.url': url,
  'replay.dataset': ndjson,
  'replay.timeout': '10s',
  'replay.wait': '60s',
  ...more
})

t.equal(right, 368, 'accuracy of the classifier on the held-out points')

t.test('The verdict on a whole set is arithmetic, over V2 and V1', async t => {
  const { server, url, bench } = await start(t)
  const whole = { 'accuracy.min': '0.92', 'replay.stop': 'whole' }
  t.equal(
    await bench.hook('pre-rollout', metadata(url, whole)),
    '200 pass: accuracy 0.92 of 400 items, after all 400 items: it meets 0.92, and no further item can change that'
  )
  t.equal(server.requests, 405, 'five of them to warm up')
  t.ok(server.most <= 4, 'at most as many at a time as configured')
  t.equal(
    await bench.hook('pre-rollout', metadata(url, whole)),
    '200 pass: accuracy 0.92 of 400 items, after all 400 items: it meets 0.92, and no further item can change that'
  )
  t.equal(server.requests, 405, 'a second hook repeats nothing')
  t.equal(
    await bench.hook(
      'rollout',
      metadata(url, {
        'accuracy.min': '0.93',
        'replay.stop': 'whole',
        'replay.protocol': 'v1',
        'replay.batch': '7',
        'replay.dataset': csv,
        'replay.label': 'churned'
      })
    ),
    '412 fail: accuracy 0.92 of 400 items, after all 400 items: it does not meet 0.93, and no further item can change that'
  )
  t.match(server.bodies.at(-1), /^{"instances":\[\[-?\d/)
})

t.test('A server that misbehaves is down and never gives a verdict', async t => {
  const { server, url, bench } = await start(t)
  const host = new URL(url).host
  const outputs = (data: unknown, shape: unknown = [1, 1]) =>
    JSON.stringify({ outputs: [{ name: 'predict', datatype: 'FP64', shape, data }] })
  const answers: readonly (readonly [string, string])[] = [
    ['<html>', ' sent a response that is not JSON'],
    [`{"outputs":[{"shape":[1],"data":[NaN]}]}`, ' sent a response that is not JSON'],
    ['{}', ': its response has no outputs'],
    ['{"outputs":[]}', ': its response has no output'],
    ['{"outputs":[{"data":[1]}]}', ': its output has no shape or no data'],
    [outputs([1, 0], [2, 1]), ': it sent 2 outputs for 1 items'],
    [outputs([1, 0]), ': the shape of its output does not match its data'],
    [outputs([null]), ': a prediction is not a class'],
    [
      `{"outputs":[{"shape":[1],"data":${nested}}]}`,
      ' sent a response that nests deeper than 32 levels'
    ],
    [
      `{"outputs":[${'{},'.repeat(500_000)}{}]}`,
      ' sent a response that has more than 500000 arrays and objects'
    ]
  ]
  const objectives = { 'accuracy.min': '0.9', 'replay.warmup': '0', 'replay.concurrency': '1' }
  for (const [body, reason] of answers) {
    server.misbehave = response => response.end(body)
    t.equal(
      await bench.hook('pre-rollout', metadata(url, objectives)),
      `424 the source is down: ${host}${reason}`
    )
  }
  server.misbehave = response =>
    response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
  t.equal(
    await bench.hook('pre-rollout', metadata(url, objectives)),
    `424 the source is down: ${host} redirects (302); redirects are not followed`
  )
  server.misbehave = response => response.writeHead(404).end('{"error":"Model nope not found"}')
  t.equal(
    await bench.hook('pre-rollout', metadata(url, objectives)),
    `424 the source is down: ${host} responded with 404: Model nope not found`
  )
  server.misbehave = response => response.writeHead(500).end('secrets of a stack trace')
  t.equal(
    await bench.hook('rollback', metadata(url, objectives)),
    `404 the source is down: ${host} responded with 500`
  )
  server.misbehave = response => {
    const chunk = Buffer.alloc(1024 * 1024, ' ')
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', more)
    more()
  }
  t.equal(
    await bench.hook('pre-rollout', metadata(url, objectives)),
    `424 the source is down: ${host} sent more than 16777216 bytes`
  )
  server.misbehave = undefined
  t.match(
    await bench.hook('pre-rollout', metadata(url, objectives)),
    /^200 pass: accuracy 0\.9\d* of \d+ items, after \d+ of 400 items: it meets 0\.9, and no further item can change that$/,
    'and continues where it was'
  )
})

t.test('A response with more scores than a call can have arguments is read', async t => {
  const { server, url, bench } = await start(t)
  const data = Array.from({ length: 300_000 }, (_, at) => (at === 7 ? 1 : 0))
  const body = JSON.stringify({ outputs: [{ name: 'p', shape: [1, data.length], data }] })
  server.misbehave = response => response.end(body)
  const objectives = { 'accuracy.min': '0.99', 'replay.warmup': '0', 'replay.concurrency': '1' }
  t.equal(
    await bench.hook('pre-rollout', metadata(url, { ...objectives, 'replay.dataset': oneItem })),
    '412 fail: accuracy 0 of 1 items, after all 1 items: it does not meet 0.99, and no further item can change that'
  )
})

t.test('A labelled set that nests too deeply is refused', async t => {
  const { url, bench } = await start(t)
  writeFileSync(deepSet, `{"x":${nested},"label":1}\n`)
  for (const protocol of ['v1', 'v2']) {
    const deep = { 'replay.dataset': deepSet, 'replay.protocol': protocol, 'accuracy.min': '0.9' }
    t.equal(
      await bench.hook('pre-rollout', metadata(url, deep)),
      '424 the source is down: replay.dataset:1: an item nests deeper than 32 levels'
    )
  }
})

t.test('A server that hangs or is stopped is down', async t => {
  const { server, url, bench } = await start(t)
  const host = new URL(url).host
  const objectives = { 'accuracy.min': '0.9', 'replay.timeout': '100ms', 'replay.warmup': '0' }
  server.misbehave = () => undefined
  t.equal(
    await bench.hook('pre-rollout', metadata(url, objectives)),
    `424 the source is down: ${host} did not respond in time`
  )
  t.equal(
    await bench.hook('pre-rollout', {
      ...metadata(url, objectives),
      'error-rate.max': '0.01',
      'replay.stop': 'early',
      'replay.concurrency': '64'
    }),
    '412 fail: error-rate 1 of 400 items, after all 400 items: it does not meet 0.01, proved'
  )
  server.close()
  t.equal(
    await bench.hook('pre-rollout', metadata(url, { 'accuracy.min': '0.91' })),
    `424 the source is down: ${host} cannot be reached (ECONNREFUSED)`
  )
})

t.test('A replay without any response is settled after max-analysis', async t => {
  const { server, url, bench } = await start(t)
  server.misbehave = () => undefined
  const waiting = metadata(url, {
    'accuracy.min': '0.9',
    'error-rate.max': '0.01',
    'replay.wait': '0s',
    'replay.timeout': '10m',
    'max-analysis': '10m'
  })
  t.equal(
    await bench.hook('confirm-promotion', waiting),
    '409 no-data: the replay has no results yet'
  )
  bench.nowMs += 600_000
  const settled =
    'fail: the policy on-inconclusive: fail decided after max-analysis, not the evidence: accuracy: the replay has no results yet'
  t.equal(await bench.hook('confirm-promotion', waiting), `412 ${settled}`)
  t.equal(await bench.hook('rollback'), `200 ${settled}`)
})

t.test(
  'A long replay continues between hooks and after a restart; each item is sent once',
  async t => {
    const { server, url, bench } = await start(t)
    const long = metadata(url, {
      'accuracy.min': '0.5',
      'replay.stop': 'whole',
      'replay.wait': '0s',
      'replay.concurrency': '1',
      'replay.warmup': '0'
    })
    t.equal(await bench.hook('pre-rollout', long), '200 no-data: the replay has no results yet')
    t.equal(await bench.status('confirm-promotion', long), 409)
    await eventually(() => server.requests >= 60)
    bench.analyst.stop()
    bench.restart()
    const before = server.requests
    t.ok(before < 400, 'it was stopped in the middle')
    t.match(
      await bench.hook('pre-rollout', long),
      /^200 inconclusive: \d+ of 400 items replayed: accuracy 0\.\d+ of \d+ items, after \d+ of 400 items: undecided against 0\.5$/
    )
    await eventually(async () => (await bench.hook('confirm-promotion', long)).startsWith('200'))
    t.ok(server.requests <= 400 + 10, 'at most the part that was not kept is sent again')
  }
)

t.test('Canary and primary are compared on the same items, in pairs', async t => {
  const { url, bench } = await start(t)
  const worse = new InferenceServer(x => ((x[0] ?? 0) > 0.8 ? 0.9 : 0.1))
  const worseUrl = await worse.listen()
  t.teardown(() => {
    worse.close()
  })
  const versus = { 'accuracy.versus': 'primary', 'replay.stop': 'early' }
  t.match(
    await bench.hook('pre-rollout', metadata(worseUrl, { ...versus, 'replay.primary-url': url })),
    /^412 fail: accuracy versus primary: \d+ of \d+ items that exactly one arm got wrong are the canary's, after \d+ of 400 items: it does not meet the primary, proved$/
  )
  t.match(
    await bench.hook('rollout', metadata(url, { ...versus, 'replay.primary-url': worseUrl })),
    /^200 pass: accuracy versus primary: \d+ of \d+ items that exactly one arm got wrong are the canary's, after \d+ of 400 items: it meets the primary, proved$/
  )
})

t.test('Scores become classes; latency and precision are judged too', async t => {
  const { server, url, bench } = await start(t)
  t.match(
    await bench.hook(
      'pre-rollout',
      metadata(url, {
        'precision.min': '0.8',
        'recall.min': '0.8',
        'latency.p50.max': '10s',
        'replay.output': 'predict_proba'
      })
    ),
    /^200 pass: precision 0\.\d+ of \d+ items, after \d+ of 400 items: it meets 0\.8, and no further item can change that \| recall 0\.\d+ of \d+ items, .* \| latency\.p50 [\d.]+ ms of \d+ items, .*: it meets 10000 ms, proved$/
  )
  t.match(server.bodies.at(-1), /"outputs":\[{"name":"predict_proba"}\]}$/)
})
