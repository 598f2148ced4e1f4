import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { BenchTop } from './bench-top.ts'
import { drawPoints, fit } from './classifier.ts'
import { InferenceServer } from './inference-server.ts'

const classify = fit(drawPoints(500, 1))
const held = drawPoints(400, 2)
const right = held.filter(({ x, y }) => (classify(x) >= 0.5 ? 1 : 0) === y).length
const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-replay-'))
const ndjson = path.join(folder, 'set.ndjson')
writeFileSync(ndjson, held.map(({ x, y }) => `${JSON.stringify({ x, label: y })}\n`).join(''))
const csv = path.join(folder, 'set.csv')
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

t.equal(right, 368, 'what the classifier gets right of the held out points')

t.test('A whole set is arithmetic, over V2 and over V1', async t => {
  const { server, url, bench } = await start(t)
  const whole = { 'accuracy.min': '0.92', 'replay.stop': 'whole' }
  t.equal(
    await bench.hook('pre-rollout', metadata(url, whole)),
    '200 pass: accuracy 0.92 of 400 items, after all 400 items: it meets 0.92, and no further item can turn that'
  )
  t.equal(server.requests, 405, 'five of them to warm up')
  t.ok(server.most <= 4, 'no more at a time than asked for')
  t.equal(
    await bench.hook('pre-rollout', metadata(url, whole)),
    '200 pass: accuracy 0.92 of 400 items, after all 400 items: it meets 0.92, and no further item can turn that'
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
    '412 fail: accuracy 0.92 of 400 items, after all 400 items: it does not meet 0.93, and no further item can turn that'
  )
  t.match(server.bodies.at(-1), /^{"instances":\[\[-?\d/)
})
