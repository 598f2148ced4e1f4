import t from 'tap'
import type { Message } from '../../analysis/event/message.ts'
import { verdictJson } from '../../analysis/view/verdict-route.ts'
import { BenchTop, rollout, startMs } from './bench-top.ts'

const mature = { maturity: '10s', block: '10s' }

interface Sent {
  /** Predictions of the positive class, by whether they are right and have a label. */
  readonly right?: number
  readonly wrong?: number
  readonly rightUnlabelled?: number
  readonly wrongUnlabelled?: number
  readonly variant?: 'canary' | 'primary'
  readonly predicted?: '0' | '1'
}

const predictions = (bench: BenchTop, { variant = 'canary', predicted = '1', ...sent }: Sent) => {
  const other = predicted === '1' ? '0' : '1'
  const some = (length = 0, label?: string) =>
    Array.from({ length }, () => bench.prediction({ variant, predicted, label }))
  return [
    ...some(sent.right, predicted),
    ...some(sent.wrong, other),
    ...some(sent.rightUnlabelled),
    ...some(sent.wrongUnlabelled)
  ]
}

/** Sends the same in two blocks, and waits until they are mature. */
const sendTwice = async (bench: BenchTop, ...sent: readonly Sent[]) => {
  for (let block = 0; block < 2; block += 1) {
    await bench.analyst.ingest(sent.flatMap(each => predictions(bench, each)))
    bench.nowMs += 10_000
  }
  bench.nowMs += 20_000
}

const objectivesOf = (bench: BenchTop) => {
  const view = bench.analyst.view(rollout)
  if (view.kind !== 'judged') throw new Error('no verdict')
  const { objectives } = verdictJson(view.judged, bench.nowMs) as {
    readonly objectives: readonly Readonly<Record<string, unknown>>[]
  }
  return objectives
}

const occurrencesOf = (bench: BenchTop) => {
  const [known] = bench.store.rollouts()
  return known && Object.fromEntries(bench.store.occurrences(known.id))
}

t.test('Wrong predictions without a label do not let a precision of 0.80 pass', async t => {
  const bench = new BenchTop()
  const metadata = { 'precision.min': '0.92', ...mature }
  await bench.hook('rollout', metadata)
  await sendTwice(bench, { right: 800, wrong: 50, wrongUnlabelled: 150 })
  t.equal(
    await bench.hook('confirm-promotion', metadata),
    '409 inconclusive: precision between 0.772 and 0.965; limit 0.92 - margin 0.02; estimate 0.8 to 0.95 of 1700 events; evidence 0 % of the way to FAIL, 0 % to PASS; 300 of 2000 positive predictions have no label: they count as bad for PASS and as good for FAIL'
  )
  const [precision] = objectivesOf(bench)
  t.match(precision, { events: 1_700, bad: 100, coverage: 0.85 })
})

t.test('Right predictions without a label do not fail a precision of 0.94', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'precision.min': '0.92', ...mature })
  await sendTwice(bench, { right: 300, wrong: 60, rightUnlabelled: 640 })
  t.same(bench.verdicts(), ['precision: inconclusive, 120 of 720'])
})

t.test('Labels of flagged items are enough for precision, whatever their share of all', async t => {
  const bench = new BenchTop()
  const metadata = { 'precision.min': '0.92', ...mature }
  await bench.hook('rollout', metadata)
  await sendTwice(bench, { right: 300 }, { predicted: '0', rightUnlabelled: 3_000 })
  t.same(bench.verdicts(), ['precision: pass, 0 of 600'])
  t.match(objectivesOf(bench), [
    {
      coverage: 1,
      assumption:
        'given the events before it, each event is bad with a probability within the limit (FAIL) or beyond limit and margin (PASS); nothing is assumed about missing labels: they count as bad for PASS and as good for FAIL; bursts are corrected for approximately'
    }
  ])
})

t.test(
  'Recall: an unlabelled negative may be missed, an unlabelled positive may be found',
  async t => {
    const recall = { 'recall.min': '0.9', 'recall.margin': '0.05', ...mature }
    for (const [sent, verdict, coverage] of [
      [[{ right: 400 }, { predicted: '0', right: 400 }], 'pass', 1],
      [
        [
          { right: 400, rightUnlabelled: 400 },
          { predicted: '0', right: 400 }
        ],
        'pass',
        2 / 3
      ],
      [
        [{ right: 400 }, { predicted: '0', right: 400, wrongUnlabelled: 60 }],
        'inconclusive',
        80 / 86
      ],
      [[{ right: 400 }, { predicted: '0', right: 400, wrong: 120 }], 'fail', 1],
      [
        [
          { right: 400, rightUnlabelled: 900 },
          { predicted: '0', wrong: 120 }
        ],
        'inconclusive',
        52 / 142
      ]
    ] as const) {
      const bench = new BenchTop()
      await bench.hook('rollout', recall)
      await sendTwice(bench, ...sent)
      t.match(objectivesOf(bench), [{ verdict, coverage }])
    }
  }
)

t.test('Missing labels neither fail a canary nor let it pass versus the primary', async t => {
  const primary = { variant: 'primary', right: 760, wrong: 40 } as const
  for (const [canary, other, verdict] of [
    [{ right: 190, wrong: 10 }, primary, 'pass'],
    [{ right: 160, wrong: 40 }, primary, 'fail'],
    [{ right: 190, wrongUnlabelled: 30 }, primary, 'inconclusive'],
    [{ right: 60, wrong: 10, rightUnlabelled: 130 }, primary, 'inconclusive'],
    [{ right: 160, wrong: 40 }, { ...primary, wrongUnlabelled: 160 }, 'inconclusive']
  ] as const) {
    const bench = new BenchTop()
    await bench.hook('rollout', { 'precision.versus': 'primary', ...mature })
    for (let more = 0; more < 5; more += 1) await sendTwice(bench, canary, other)
    t.match(objectivesOf(bench), [{ verdict, versus: 'primary' }])
  }
})

t.test('A comparison reports the primary: its events, bad ones and estimate', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', {
    'accuracy.versus': 'primary',
    'latency.p50.versus': 'primary',
    ...mature
  })
  await sendTwice(bench, { right: 10 }, { variant: 'primary', right: 15, wrong: 5 })
  const [accuracy, latency] = objectivesOf(bench)
  t.same(accuracy?.primary, { events: 40, bad: 10, estimate: 0.75 })
  t.match(accuracy, {
    assumption:
      'each request is assigned to canary or primary at random, whoever sends it; nothing is assumed about missing labels: they count as bad for PASS and as good for FAIL; bursts are corrected for approximately'
  })
  t.match(latency?.primary, { events: 0, bad: 0, estimate: null })
  t.equal(latency?.coverage, null)
})

t.test('A label after the maturity decides nothing and is counted as late', async t => {
  for (const restart of [false, true]) {
    const bench = new BenchTop()
    await bench.hook('rollout', { 'accuracy.min': '0.5', 'accuracy.versus': 'primary', ...mature })
    const late = predictions(bench, { wrongUnlabelled: 40 })
    await bench.analyst.ingest([...predictions(bench, { right: 54, wrong: 6 }), ...late])
    bench.nowMs += 25_000
    const before = objectivesOf(bench)
    t.match(before[0], { events: 60, bad: 6, coverage: 0.6 })
    await bench.analyst.ingest(
      late.map(({ id }): Message => ({
        kind: 'feedback',
        rollout,
        id,
        timeMs: startMs,
        label: '0'
      }))
    )
    if (restart) bench.restart()
    t.same(objectivesOf(bench), before)
    t.match(occurrencesOf(bench), { late: 40 })
  }
})

t.test('A label is late by its own age, also while its block is open', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'accuracy.min': '0.5', maturity: '10s', block: '1h' })
  const [prediction] = predictions(bench, { wrongUnlabelled: 1 })
  if (prediction === undefined) throw new Error('no prediction')
  await bench.analyst.ingest([prediction, bench.prediction({ label: '1' })])
  bench.nowMs += 12_000
  const { id } = prediction
  await bench.analyst.ingest([{ kind: 'feedback', rollout, id, timeMs: startMs, label: '0' }])
  t.match(objectivesOf(bench), [{ events: 1, bad: 0, coverage: 0.5 }])
  t.match(occurrencesOf(bench), { late: 1 })
})

t.test('A prediction that arrives late with its label counts', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'accuracy.min': '0.5', ...mature })
  bench.nowMs += 60_000
  const late = bench.prediction({ timeMs: startMs })
  await bench.analyst.ingest([
    late,
    { kind: 'feedback', rollout, id: late.id, timeMs: startMs, label: '1' },
    bench.prediction({ timeMs: startMs, label: '1' })
  ])
  t.match(objectivesOf(bench), [{ events: 2, bad: 0, coverage: 1 }])
})

t.test('An analysis that starts later counts labels by when they came', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'accuracy.min': '0.5', ...mature })
  const [early, late] = [bench.prediction(), bench.prediction()]
  await bench.analyst.ingest([early, late])
  const feedback = ({ id }: Message): Message => ({
    kind: 'feedback',
    rollout,
    id,
    timeMs: startMs,
    label: '0'
  })
  bench.nowMs += 5_000
  await bench.analyst.ingest([feedback(early)])
  bench.nowMs += 20_000
  await bench.analyst.ingest([feedback(late)])
  await bench.hook('confirm-promotion', { 'accuracy.min': '0.4', ...mature })
  t.match(objectivesOf(bench), [
    { events: 1, bad: 1, coverage: 0.5 },
    { events: 1, bad: 1, coverage: 0.5 }
  ])
})

t.test('With labels: sampled only labelled predictions count', async t => {
  const bench = new BenchTop()
  const metadata = { 'precision.min': '0.92', labels: 'sampled', ...mature }
  await bench.hook('rollout', metadata)
  await sendTwice(bench, { right: 300, rightUnlabelled: 2_700 })
  t.equal(
    await bench.hook('confirm-promotion', metadata),
    '200 pass: precision at least 0.991; limit 0.92 - margin 0.02; estimate 1 of 600 events; 5400 of 6000 positive predictions have no label and do not count'
  )
  const [precision] = objectivesOf(bench)
  t.match(precision, { coverage: 0.1, assumption: /whether a prediction is labelled does not/ })
})

t.test('With labels: sampled, arms whose coverage differs are inconclusive', async t => {
  const bench = new BenchTop()
  const metadata = { 'precision.min': '0.92', labels: 'sampled', ...mature }
  await bench.hook('rollout', metadata)
  const primary = { variant: 'primary', right: 400, rightUnlabelled: 400 } as const
  await sendTwice(bench, { right: 300, rightUnlabelled: 100 }, primary)
  t.equal(
    await bench.hook('confirm-promotion', metadata),
    "409 inconclusive: precision between 0.991 and 1; limit 0.92 - margin 0.02; estimate 1 of 600 events; 75 % of the canary's positive predictions have a label and 50 % of the primary's"
  )
})

t.test('A policy that looks at the estimate counts missing labels as bad', async t => {
  const bench = new BenchTop()
  const metadata = {
    'accuracy.min': '0.9',
    'on-inconclusive': 'pass-if-estimate-ok',
    'max-analysis': '1m',
    ...mature
  }
  await bench.hook('rollout', metadata)
  await sendTwice(bench, { right: 80, wrongUnlabelled: 20 })
  bench.nowMs += 60_000
  t.match(await bench.hook('confirm-promotion', metadata), /^412 fail: the policy on-inconclusive/)
})

t.test('Without any label there is no data, and the reason says why', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { 'precision.min': '0.92', ...mature })
  await sendTwice(bench, { rightUnlabelled: 20 })
  t.match(objectivesOf(bench), [
    {
      verdict: 'no-data',
      reason: 'precision: no data yet: none of 40 positive predictions has a label',
      coverage: 0
    }
  ])
})
