import fc from 'fast-check'
import t from 'tap'
import { callWebhook } from '../../bin/demo/flagger/client.ts'
import type { Message } from '../../analysis/event/message.ts'
import { hookTypes } from '../../analysis/hook/hook.ts'
import { judgeRun } from '../../analysis/judge/judge-run.ts'
import { readAnalysis } from '../../analysis/settings/read-analysis.ts'
import { AnalysisState } from '../../analysis/run/analysis-state.ts'
import { BenchTop, rollout, startMs } from './bench-top.ts'
import { readGuards } from '../../analysis/guard-options.ts'
import { InProcess } from './in-process.ts'

const objectives = { 'precision.min': '0.92', maturity: '0s', block: '1m' }

t.test(
  'A hook without metadata uses all analyses of its run, even with a ModelAnalysis',
  async t => {
    const declared = new Map([
      ['precision.min', '0.5'],
      ['maturity', '0s']
    ])
    const bench = new BenchTop({ declared: () => declared })
    await bench.hook('rollout', { 'precision.min': '0.92' })
    await bench.send('canary', { events: 500, bad: 100 })
    bench.nowMs += 60_000
    await bench.send('canary', { events: 500, bad: 100 })
    t.equal(await bench.status('rollback'), 200)
    t.equal(await bench.status('confirm-promotion'), 412)
    bench.nowMs += 1
    t.equal(await bench.status('rollback', {}, { checksum: 'c2' }), 404)
    t.same(bench.verdicts(), ['precision: no-data, 0 of 0'])
  }
)

t.test(
  'Every answer is one short line, with a status whose text Flagger keeps, and no redirect',
  async t => {
    const service = await new InProcess().start()
    const kept = new Set([200, 400, 404, 409, 412, 424])
    const look = async (state: string) => {
      for (const type of [...hookTypes, 'canary', 'gate', '%20']) {
        for (const metadata of [
          {},
          objectives,
          { 'precision.min': '92' },
          { zzz: 'x'.repeat(3_000) },
          Object.fromEntries([1, 2, 3].map(n => [`${'鍵'.repeat(200)}${n}`, 'x'])),
          { eventMessage: '鍵'.repeat(900) }
        ]) {
          const { status, body } = await service.hook(type, metadata)
          t.ok(kept.has(status), `${state}, ${type}: ${status}`)
          const isShort = Buffer.byteLength(body) < 1_000 && !body.includes('\ufffd')
          t.ok(isShort && !body.trimEnd().includes('\n'), `${state}, ${type}: one line`)
        }
      }
    }
    await look('unknown')
    await service.hook('rollout', objectives)
    await service.send('canary', { events: 40, bad: 4 })
    await look('inconclusive')
    service.nowMs += 60_000
    await service.send('canary', { events: 900, bad: 400 })
    await look('failed')
    await service.stop()
  }
)

t.test(
  'Blue/green: pre-rollout, N + 1 rollouts, and two confirmations of the promotion',
  async t => {
    const bench = new BenchTop()
    const steps = ['pre-rollout', ...Array.from({ length: 4 }, () => 'rollout' as const)] as const
    for (const type of steps) {
      t.equal(await bench.status(type, objectives), 200)
      await bench.send('canary', { events: 200, bad: 8 })
      bench.nowMs += 60_000
    }
    const confirmed = [
      await bench.hook('confirm-promotion', objectives),
      await bench.hook('confirm-promotion', objectives)
    ]
    t.match(confirmed[0], /^200 pass: precision at least 0\.94; /)
    t.equal(confirmed[1], confirmed[0])
  }
)

t.test('Blue/green with one iteration: pre-rollout is repeated during the run', async t => {
  const bench = new BenchTop()
  for (let tick = 0; tick < 6; tick += 1) {
    t.equal(await bench.status('pre-rollout', objectives), 200)
    t.equal(await bench.status('confirm-promotion', objectives), tick < 2 ? 409 : 200)
    await bench.send('canary', { events: 50, bad: 0 })
    bench.nowMs += 60_000
  }
  const view = bench.analyst.view(rollout)
  t.equal(view.kind === 'judged' && view.judged.run.row.number, 1)
})

t.test('Repeated calls of Flagger give one run, one set of objectives and one answer', async t => {
  const service = await new InProcess().start()
  const calls = Array.from({ length: 8 }, () => service.hook('pre-rollout', objectives))
  t.same(
    new Set((await Promise.all(calls)).map(({ status, body }) => `${status} ${body}`)),
    new Set(['200 no-data: no data yet'])
  )
  const response = await fetch(`${service.url}/rollouts/ml/churn`, {
    headers: { accept: 'application/json' }
  })
  const { run, analyses } = (await response.json()) as { run: { number: number }; analyses: [] }
  t.same([run.number, analyses.length], [1, 1])
  await service.stop()
})

t.test('skipAnalysis: Flagger calls only confirm-rollout, event and post-rollout', async t => {
  const bench = new BenchTop()
  t.equal(
    await bench.hook('confirm-rollout', objectives, { phase: 'Initialized' }),
    '200 may start'
  )
  t.equal(await bench.hook('event', { eventMessage: 'Promotion completed!' }), '200 no run yet')
  t.equal(await bench.hook('post-rollout', objectives, { phase: 'Succeeded' }), '200 archived')
  t.same(bench.verdicts(), [])
})

t.test(
  "Flagger's client sends credentials of an address as Basic and shows no password",
  async t => {
    const guards = readGuards(
      { 'hook-auth': 'hooks' },
      t.testdir({ hooks: 'flagger:correct/horse' })
    )
    const service = await new InProcess().start({ guards })
    const payload = { name: 'churn', namespace: 'ml', phase: 'Progressing', checksum: 'c1' }
    const call = async (user: string) => {
      const url = `${service.url}/webhook/confirm-promotion`.replace('//', `//${user}`)
      const webhook = { name: 'w', type: 'confirm-promotion', url }
      return await callWebhook(webhook, { ...payload, metadata: objectives })
    }
    t.same(await call('flagger:correct%2Fhorse@'), {
      isPassed: false,
      text: 'no-data: no data yet'
    })
    const refused = { isPassed: false, text: 'credentials are required: a Bearer token or Basic\n' }
    t.same(await call(''), refused)
    t.same(await call('flagger:wrong@'), refused)
    await service.stop()
    t.match((await call('flagger:correct%2Fhorse@')).text, /^POST http:\/\/flagger:xxxxx@127/)
    t.notMatch((await call('flagger:correct%2Fhorse@')).text, 'horse')
  }
)

const classes = fc.constantFrom('0', '1')
const predictions = fc.array(
  fc.record({
    variant: fc.constantFrom('canary' as const, 'primary' as const),
    predicted: classes,
    label: fc.option(classes, { nil: undefined }),
    latencyMs: fc.integer({ min: 1, max: 120 }),
    isError: fc.boolean(),
    offsetMs: fc.integer({ min: 0, max: 239_999 }),
    replica: fc.constantFrom(0, 1, 2)
  }),
  { minLength: 1, maxLength: 80 }
)

t.test('Merged counts of replicas equal the counts of one replica', async t => {
  const metadata = {
    'precision.min': '0.92',
    'precision.versus': 'primary',
    'recall.versus': 'primary',
    'recall.margin': '0.05',
    'latency.p95.max': '60ms',
    'error-rate.max': '0.3',
    maturity: '10s',
    'min-events': '1',
    'min-intervals': '1'
  }
  const analysis = readAnalysis(new Map(Object.entries(metadata)))
  const endMs = startMs + 600_000
  const verdictOf = async (shares: readonly (readonly Message[])[]) => {
    const state = new AnalysisState(analysis, {})
    for (const share of shares) {
      const bench = new BenchTop()
      await bench.hook('rollout', metadata)
      await bench.analyst.ingest(share)
      for (const { counter, change } of bench.store.changes(1)) state.add(counter, change)
      bench.store.close()
    }
    return judgeRun(analysis, state.counts(endMs, { canary: [], primary: [] }), 600_000)
  }
  await fc.assert(
    fc.asyncProperty(predictions, async all => {
      const messages = all.map(({ offsetMs, ...given }, index): Message => ({
        kind: 'prediction',
        rollout,
        id: `p${index}`,
        timeMs: startMs + offsetMs,
        ...given
      }))
      const shares = [0, 1, 2].map(replica =>
        messages.filter((_, index) => all[index]?.replica === replica)
      )
      t.same(await verdictOf(shares), await verdictOf([messages]))
    }),
    { numRuns: 60, seed: 5 }
  )
})

t.test(
  'A run with blocks longer than an hour ends only after three blocks without a hook',
  async t => {
    const bench = new BenchTop()
    const long = { 'precision.min': '0.92', maturity: '0s', block: '90m' }
    const runOf = () => {
      const view = bench.analyst.view(rollout)
      return view.kind === 'judged' ? view.judged.run.row.number : 0
    }
    await bench.hook('rollout', long)
    for (let interval = 0; interval < 3; interval += 1) {
      await bench.send('canary', { events: 200, bad: 100 })
      bench.nowMs += 5_400_000
    }
    t.equal(await bench.status('rollout', long), 412)
    t.equal(runOf(), 1)
    bench.nowMs += 3 * 5_400_000 + 1
    t.equal(await bench.status('rollout', long), 200)
    t.equal(runOf(), 2)
  }
)
