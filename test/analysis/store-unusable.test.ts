import { DatabaseSync } from 'node:sqlite'
import path from 'node:path'
import t from 'tap'
import { openSqliteStore } from '../../analysis/store/sqlite-store.ts'
import { asStoreFault, isStoreUnusable } from '../../analysis/store/store-unusable.ts'
import { createLogger } from '../../service/log.ts'
import { batched, counts, post, prediction } from './analysis-requests.ts'
import { BenchTop } from './bench-top.ts'
import { InProcess } from './in-process.ts'
import { counter, errorRate, pods, PrometheusHarness } from './prometheus-harness.ts'

const objectives = { 'accuracy.min': '0.5', maturity: '0s' }
const locked = 'cannot use the state file: database is locked'

t.test('A state that cannot be written is reported, opens no gate and loses nothing', async t => {
  const file = path.join(t.testdir({}), 's.db')
  const lines: string[] = []
  const service = await new InProcess().start({
    store: openSqliteStore(file),
    logger: createLogger({ level: 'error', write: line => lines.push(line), now: () => 0 })
  })
  t.teardown(() => service.stop())
  await service.hook('rollout', objectives)
  await service.send('canary', { events: 10, bad: 1 })
  const before = await service.hook('rollout')
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  const time = new Date(service.nowMs).toISOString()
  const event = JSON.stringify([prediction('late', { label: 1 }, { time })])
  for (const [type, status] of [
    ['rollout', 424],
    ['confirm-promotion', 424],
    ['rollback', 404],
    ['post-rollout', 424],
    ['event', 424]
  ] as const) {
    t.same(await service.hook(type), { status, body: locked }, type)
  }
  t.same(await service.hook('rollout', { 'accuracy.min': '0.6', 'on-error': 'pass' }), {
    status: 424,
    body: locked
  })
  t.same(await post(`${service.url}/v1/events`, event, batched), {
    status: 503,
    body: `${locked}; send all events again\n`
  })
  t.equal(lines.length, 7)
  t.same(JSON.parse(lines[0] ?? ''), {
    time: '1970-01-01T00:00:00.000Z',
    level: 'error',
    message: 'cannot use the state file',
    code: 'STORE_UNUSABLE',
    reason: locked
  })
  const metrics = await fetch(`${service.url}/metrics`)
  t.equal(metrics.status, 200)
  t.match(await metrics.text(), 'mlgitops_analysis_hooks_total{type="rollback",status="404"} 1')
  t.equal(await counts(service.url), 'accuracy 1/10')
  other.exec('ROLLBACK')
  other.close()
  t.same(await service.hook('rollout'), before)
  t.equal((await post(`${service.url}/v1/events`, event, batched)).status, 200)
  t.equal(await counts(service.url), 'accuracy 1/11')
})

t.test('on-error does not open a gate when counts cannot be stored', async t => {
  const file = path.join(t.testdir({}), 's.db')
  const prometheus = new PrometheusHarness()
  const url = await prometheus.listen()
  t.teardown(() => {
    prometheus.close()
  })
  const files = { folder: undefined, isLocal: true }
  const sources = { allowed: [], isLocal: true, prometheus: url, tokens: [], files }
  const bench = new BenchTop({ sources }, file)
  const metadata = { ...errorRate, 'on-error': 'pass' }
  const other = new DatabaseSync(file)
  let isLocking = false
  const { metric, at } = counter('requests_total', pods.canary, [0, 100, 200], { code: '200' })
  prometheus.series = [
    {
      metric,
      at: ms => {
        if (isLocking) other.exec('BEGIN IMMEDIATE')
        isLocking = false
        return at(ms)
      }
    }
  ]
  await bench.hook('rollout', metadata)
  bench.nowMs += 75_000
  isLocking = true
  t.equal(await bench.hook('confirm-promotion', metadata), `424 ${locked}`)
  other.exec('ROLLBACK')
  other.close()
  t.match(
    await bench.hook('confirm-promotion', metadata),
    /^409 inconclusive: error rate between 0 and .*; estimate 0 of 100 events/
  )
})

t.test('Objectives of another version end their run and block no other', async t => {
  const file = path.join(t.testdir({}), 's.db')
  const first = new BenchTop({}, file)
  await first.hook('rollout', objectives)
  await first.send('canary', { events: 10 })
  first.store.close()
  const other = new DatabaseSync(file)
  other.exec(`UPDATE analysis SET notation = '[["of.tomorrow","1"]]'`)
  other.close()
  const bench = new BenchTop({}, file)
  bench.nowMs += 60_000
  const canary = { rollout: { namespace: 'ml', name: 'another' } }
  t.equal(await bench.status('rollout', objectives, canary), 200)
  await bench.send('canary', { events: 10 })
  t.same(bench.analyst.report({ namespace: 'ml', name: 'churn' }, undefined)?.analyses, [])
  t.equal(await bench.hook('rollout', objectives), '200 no-data: no data yet')
  t.equal(bench.analyst.rollouts()[0]?.run.row.number, 2)
  await bench.send('canary', { events: 10 })
  t.same(bench.verdicts(), ['accuracy: inconclusive, 0 of 10'])
})

t.test('Only errors that the file causes are store faults', t => {
  const thrown = (errcode: number, errstr: string) =>
    asStoreFault(Object.assign(new Error('x'), { code: 'ERR_SQLITE_ERROR', errcode, errstr }))
  t.match(thrown(13, 'database or disk is full'), {
    message: 'cannot use the state file: database or disk is full'
  })
  t.match(thrown(778, 'disk I/O error'), {
    message: 'cannot use the state file: disk I/O error'
  })
  t.match(thrown(11, 'database disk image is malformed'), { code: 'STORE_UNUSABLE' })
  t.notOk(isStoreUnusable(thrown(1555, 'constraint failed')))
  t.notOk(isStoreUnusable(thrown(1, 'SQL logic error')))
  const other = new TypeError('x')
  t.equal(asStoreFault(other), other)
  t.equal(asStoreFault('x'), 'x')
  t.end()
})
