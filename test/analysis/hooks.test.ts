import t from 'tap'
import type { HookType } from '../../analysis/hook/hook.ts'
import { BenchTop, rollout } from './bench-top.ts'

const objectives = { 'precision.min': '0.92', maturity: '0s', block: '1m' }

/** Two intervals of canary traffic. */
async function traffic(bench: BenchTop, counts: { events: number; bad: number }): Promise<void> {
  await bench.send('canary', counts)
  bench.nowMs += 60_000
  await bench.send('canary', counts)
}

t.test('Status by hook and verdict', async t => {
  const hooks = [
    'pre-rollout',
    'rollout',
    'confirm-traffic-increase',
    'confirm-promotion',
    'rollback'
  ] as const
  const cases: readonly {
    readonly what: string
    readonly counts?: { readonly events: number; readonly bad: number }
    readonly metadata?: Readonly<Record<string, string>>
    readonly statuses: readonly number[]
  }[] = [
    { what: 'no data', statuses: [200, 200, 200, 409, 404] },
    {
      what: 'no data, step-gate: pass',
      metadata: { 'step-gate': 'pass' },
      statuses: [200, 200, 200, 409, 404]
    },
    { what: 'inconclusive', counts: { events: 20, bad: 2 }, statuses: [200, 200, 200, 409, 404] },
    {
      what: 'inconclusive, step-gate: pass',
      counts: { events: 20, bad: 2 },
      metadata: { 'step-gate': 'pass' },
      statuses: [200, 200, 409, 409, 404]
    },
    { what: 'pass', counts: { events: 500, bad: 20 }, statuses: [200, 200, 200, 200, 404] },
    { what: 'fail', counts: { events: 500, bad: 100 }, statuses: [412, 412, 412, 412, 200] }
  ]
  for (const { what, counts, metadata, statuses } of cases) {
    const bench = new BenchTop()
    await bench.hook('rollout', { ...objectives, ...metadata })
    if (counts !== undefined) await traffic(bench, counts)
    const answered: number[] = []
    for (const hook of hooks)
      answered.push(await bench.status(hook, { ...objectives, ...metadata }))
    t.same(answered, statuses, what)
  }
})

t.test('The text of a verdict is one line', async t => {
  const bench = new BenchTop()
  t.equal(await bench.hook('rollout', objectives), '200 no-data: no data yet')
  await bench.send('canary', { events: 500, bad: 100 })
  t.equal(
    await bench.hook('rollout', objectives),
    '200 inconclusive: precision between 0.749 and 0.857; limit 0.92 - margin 0.02; estimate 0.8 of 500 events; 1 of 2 required intervals'
  )
  bench.nowMs += 60_000
  await bench.send('canary', { events: 10 })
  t.equal(
    await bench.hook('rollout', objectives),
    '412 fail: precision at most 0.86; limit 0.92, margin 0.02; estimate 0.804 of 510 events'
  )
})

t.test('An unknown canary gets 404 and is never rolled back', async t => {
  const bench = new BenchTop()
  const unknown =
    '404 the canary ml/churn is unknown: none of its hooks named objectives, and there is no ModelAnalysis with its name'
  const judged: readonly HookType[] = [
    'confirm-rollout',
    'pre-rollout',
    'rollout',
    'confirm-traffic-increase',
    'confirm-promotion',
    'post-rollout',
    'rollback'
  ]
  for (const type of judged) t.equal(await bench.hook(type), unknown)
  t.equal(await bench.hook('event'), '200 no run yet')
})

t.test('A hook without metadata is judged by the objectives of the run', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', objectives)
  await traffic(bench, { events: 500, bad: 100 })
  t.equal(await bench.status('rollback'), 200)
  t.equal(await bench.status('confirm-promotion'), 412)
})

t.test('Hooks may name different objectives; a hook without any uses all of them', async t => {
  const bench = new BenchTop()
  const latency = { 'latency.p99.max': '100ms', block: '1m' }
  await bench.hook('rollout', objectives)
  await bench.hook('confirm-promotion', latency)
  await traffic(bench, { events: 500, bad: 100 })
  t.equal(await bench.status('confirm-promotion', latency), 200)
  t.equal(await bench.status('rollout', objectives), 412)
  t.equal(await bench.status('confirm-promotion'), 412)
  t.equal(await bench.status('rollback'), 200)
})

t.test('A ModelAnalysis gives the objectives, and metadata overrides them', async t => {
  const declared = new Map([
    ['precision.min', '0.5'],
    ['maturity', '0s']
  ])
  const bench = new BenchTop({
    declared: ({ namespace, name }) =>
      namespace === rollout.namespace && name === rollout.name ? declared : undefined
  })
  t.equal(await bench.hook('rollback'), '404 no-data: no data yet')
  await traffic(bench, { events: 500, bad: 100 })
  t.equal(await bench.status('rollout'), 200)
  t.equal(await bench.status('rollout', { 'precision.min': '0.92' }), 412)
})

t.test('Invalid objectives get 400 and change nothing', async t => {
  const bench = new BenchTop()
  t.equal(
    await bench.hook('rollout', { 'precision.min': '92' }),
    '400 the objectives cannot be used: precision.min: found "92", expected a ratio between 0 and 1'
  )
  t.same([...bench.store.rollouts()], [])
  t.equal(await bench.status('rollback', { 'precision.min': '92' }), 400)
})

t.test('A namespace that is not judged gets 404', async t => {
  const bench = new BenchTop({ isNamespaceAllowed: ({ namespace }) => namespace === 'other' })
  t.equal(
    await bench.hook('rollback', objectives),
    '404 the namespace ml is not judged by this service'
  )
})

t.test('A failure is final, whatever evidence follows', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', objectives)
  await traffic(bench, { events: 100, bad: 40 })
  const failed = await bench.hook('rollout', objectives)
  t.match(failed, /^412 fail: precision at most 0\.717; /)
  await bench.send('canary', { events: 20_000 })
  t.equal(await bench.hook('rollout', objectives), failed)
  bench.restart()
  t.equal(await bench.hook('rollout', objectives), failed)
  t.equal(await bench.status('rollback'), 200)
})

t.test('How runs start and end', async t => {
  const runOf = (bench: BenchTop) => {
    const view = bench.analyst.view(rollout)
    return view.kind === 'judged' ? view.judged.run.row.number : 0
  }
  const failing = async () => {
    const bench = new BenchTop()
    await bench.hook('pre-rollout', objectives)
    await traffic(bench, { events: 500, bad: 100 })
    t.equal(await bench.status('rollback'), 200)
    return bench
  }
  await t.test('another checksum starts a run', async t => {
    const bench = await failing()
    t.equal(await bench.status('rollback', {}, { checksum: 'c2' }), 404)
    t.equal(runOf(bench), 2)
  })
  await t.test('a repeated pre-rollout at weight 0 belongs to the same run', async t => {
    const bench = await failing()
    t.equal(await bench.status('pre-rollout', objectives), 412)
    t.equal(runOf(bench), 1)
  })
  const ends = [
    { phase: 'Succeeded', answer: /^200 archived$/ },
    // Flagger writes this text into an event, but not the text of the rollback hook.
    { phase: 'Failed', answer: /^412 fail: precision / }
  ]
  for (const { phase, answer } of ends) {
    await t.test(`post-rollout ${phase} ends it; the same checksum starts another`, async t => {
      const bench = await failing()
      t.match(await bench.hook('post-rollout', {}, { phase }), answer)
      t.equal(await bench.status('rollback'), 404)
      t.equal(runOf(bench), 2)
      t.equal(await bench.status('rollout', objectives), 200)
      t.equal(runOf(bench), 2)
    })
  }
  await t.test('an event of Flagger ends it too', async t => {
    const bench = await failing()
    const eventMessage = 'Canary failed! Scaling down churn.ml'
    t.equal(await bench.hook('event', { eventMessage, eventType: 'Warning' }), '200 recorded')
    t.equal(await bench.status('rollback'), 404)
  })
  await t.test('confirm-rollout has the old checksum: it ends a run and starts none', async t => {
    const bench = await failing()
    t.equal(await bench.hook('confirm-rollout', {}, { phase: 'Failed' }), '200 may start')
    t.equal(runOf(bench), 1)
    t.equal(await bench.status('pre-rollout', objectives, { checksum: 'c2' }), 200)
    t.equal(runOf(bench), 2)
  })
  await t.test('a late event of the previous run ends nothing', async t => {
    const bench = await failing()
    await bench.hook('pre-rollout', objectives, { checksum: 'c2' })
    await bench.hook('event', {}, { phase: 'Failed', checksum: 'c1' })
    await bench.hook('post-rollout', {}, { phase: 'Failed', checksum: 'c1' })
    await bench.hook('rollout', objectives, { checksum: 'c2' })
    t.equal(runOf(bench), 2)
  })
  await t.test('after an hour without a hook the run is over', async t => {
    const bench = await failing()
    bench.nowMs += 3_600_001
    t.equal(await bench.status('rollback'), 404)
    t.equal(runOf(bench), 2)
  })
  await t.test('evidence of the previous run does not count', async t => {
    const bench = await failing()
    await bench.hook('post-rollout', {}, { phase: 'Failed' })
    bench.nowMs += 1_000
    await bench.hook('pre-rollout', objectives)
    t.same(bench.verdicts(), ['precision: no-data, 0 of 0'])
  })
})

t.test('A retry gets the answer of the first call and counts nothing twice', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', objectives)
  await traffic(bench, { events: 300, bad: 20 })
  const first = await bench.hook('confirm-promotion', objectives)
  for (let retry = 0; retry < 5; retry += 1) {
    t.equal(await bench.hook('confirm-promotion', objectives), first)
  }
})

t.test('After max-analysis the policy decides, and the text says so', async t => {
  const cases: readonly (readonly [Readonly<Record<string, string>>, string, readonly number[]])[] =
    [
      [{ 'on-inconclusive': 'fail' }, 'fail', [412, 412, 412, 200]],
      [{}, 'fail', [412, 412, 412, 200]],
      [{ 'precision.critical': 'false' }, 'pass', [200, 200, 200, 404]],
      [{ 'on-inconclusive': 'pass' }, 'pass', [200, 200, 200, 404]],
      [{ 'on-inconclusive': 'pass-if-estimate-ok' }, 'pass', [200, 200, 200, 404]]
    ]
  for (const [policy, verdict, statuses] of cases) {
    const metadata = { ...objectives, ...policy, 'max-analysis': '10m' }
    const bench = new BenchTop()
    await bench.hook('rollout', metadata)
    await traffic(bench, { events: 50, bad: 3 })
    t.equal(await bench.status('confirm-promotion', metadata), 409)
    bench.nowMs += 600_000
    const hooks = ['rollout', 'confirm-traffic-increase', 'confirm-promotion', 'rollback'] as const
    const answered: number[] = []
    for (const hook of hooks) {
      const answer = await bench.hook(hook, metadata)
      answered.push(Number(answer.slice(0, 3)))
      const named =
        policy['on-inconclusive'] ?? (verdict === 'fail' ? 'fail' : 'pass-if-estimate-ok')
      t.match(
        answer,
        `${verdict}: the policy on-inconclusive: ${named} decided after max-analysis, not the evidence: precision between 0.843 and 0.992; limit 0.92 - margin 0.02; estimate 0.94 of 100 events; `
      )
    }
    t.same(answered, statuses, JSON.stringify(policy))
  }
  const held = { ...objectives, 'on-inconclusive': 'hold', 'max-analysis': '10m' }
  const bench = new BenchTop()
  await bench.hook('rollout', held)
  await traffic(bench, { events: 50, bad: 3 })
  bench.nowMs += 600_000
  const why = 'the policy on-inconclusive: hold leaves the decision to a person after max-analysis'
  t.match(
    await bench.hook('confirm-promotion', held),
    `409 inconclusive: ${why}: precision between 0.843 and 0.992; `
  )
})

t.test('pass-if-estimate-ok requires enough events and an estimate within the limit', async t => {
  const metadata = {
    ...objectives,
    'on-inconclusive': 'pass-if-estimate-ok',
    'max-analysis': '10m',
    'min-events': '60'
  }
  for (const [counts, status] of [
    [{ events: 50, bad: 5 }, 412],
    [{ events: 20, bad: 0 }, 412],
    [{ events: 50, bad: 4 }, 200]
  ] as const) {
    const bench = new BenchTop()
    await bench.hook('rollout', metadata)
    await traffic(bench, counts)
    bench.nowMs += 600_000
    t.equal(await bench.status('rollout', metadata), status, JSON.stringify(counts))
  }
})
