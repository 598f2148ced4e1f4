import t from 'tap'
import { readHook } from '../../analysis/hook/hook.ts'
import { verdictJson } from '../../analysis/view/verdict-route.ts'
import { BenchTop, rollout } from './bench-top.ts'

const mature = { maturity: '10s', block: '10s', guards: 'off' }

interface Sent {
  readonly predicted: string
  readonly label?: string
  readonly times: number
}

/** Sends the same in two blocks, and waits until they are mature. */
const sendTwice = async (bench: BenchTop, ...sent: readonly Sent[]) => {
  for (let block = 0; block < 2; block += 1) {
    await bench.analyst.ingest(
      sent.flatMap(({ predicted, label, times }) =>
        Array.from({ length: times }, () => bench.prediction({ predicted, label }))
      )
    )
    bench.nowMs += 10_000
  }
  bench.nowMs += 20_000
}

const objectiveOf = (bench: BenchTop) => {
  const view = bench.analyst.view(rollout)
  if (view.kind !== 'judged') throw new Error('no verdict')
  const { objectives } = verdictJson(view.judged, bench.nowMs) as {
    readonly objectives: readonly Readonly<Record<string, unknown>>[]
  }
  return objectives[0]
}

const round = (value: unknown) => Number(Number(value).toFixed(6))

t.test('F1 counts all events but true negatives, with the evidence of their rate', async t => {
  const bench = new BenchTop()
  const metadata = { 'f1.min': '0.9', ...mature }
  await bench.hook('rollout', metadata)
  await sendTwice(
    bench,
    { predicted: '1', label: '1', times: 240 },
    { predicted: '1', label: '0', times: 5 },
    { predicted: '0', label: '1', times: 5 },
    { predicted: '0', label: '0', times: 900 }
  )
  t.equal(await bench.status('confirm-promotion', metadata), 200)
  const { events, bad, estimate, coverage, lnEFail, lnEPass } = objectiveOf(bench) ?? {}
  t.same({ events, bad, coverage }, { events: 500, bad: 20, coverage: 1 })
  t.equal(round(estimate), round((2 * 480) / (2 * 480 + 20)))
  // scipy: the odds mixture at 2(1-f)/(2-f) of f = 0.9, and of f = 0.88 for PASS, at 20 of 500
  t.same([round(lnEFail), round(lnEPass)], [-10.278875, 59.612312])
})

t.test('F1: a missing label is worst for PASS and best for FAIL', async t => {
  const bench = new BenchTop()
  const metadata = { 'f1.min': '0.9', ...mature }
  await bench.hook('rollout', metadata)
  await sendTwice(
    bench,
    { predicted: '1', label: '1', times: 240 },
    { predicted: '1', times: 30 },
    { predicted: '0', times: 60 }
  )
  // FAIL: 540 events, none bad. PASS: 660 events, 180 bad.
  t.match(
    await bench.hook('confirm-promotion', metadata),
    /^409 inconclusive: F1 between 0\.809 and 1; limit 0\.9 - margin 0\.02; estimate 0\.842 to 1 of 480 events; /
  )
})

t.test('With tolerance, accuracy is about numbers', async t => {
  const send = async (tolerance: string) => {
    const bench = new BenchTop()
    const metadata = { 'accuracy.min': '0.9', tolerance, ...mature }
    await bench.hook('rollout', metadata)
    await sendTwice(
      bench,
      { predicted: '10.4', label: '10', times: 195 },
      { predicted: '20.5', label: '20', times: 5 }
    )
    return [await bench.status('confirm-promotion', metadata), objectiveOf(bench)?.bad]
  }
  t.same(await send('0.4'), [200, 10])
  t.same(await send('3%'), [412, 390])
  t.same(await send('5%'), [200, 0])
})

t.test('Numbers without a tolerance are no verdict', async t => {
  const bench = new BenchTop()
  const metadata = { 'accuracy.min': '0.9', ...mature }
  await bench.hook('rollout', metadata)
  await sendTwice(
    bench,
    { predicted: '3.5', label: '3.5', times: 200 },
    { predicted: '3.6', label: '3.5', times: 50 }
  )
  t.match(await bench.hook('confirm-promotion', metadata), /^424 .*: give tolerance/)
})

t.test('An objective can have a maturity of its own', async t => {
  const bench = new BenchTop()
  const metadata = { 'accuracy.min': '0.9', 'accuracy.maturity': '1h', ...mature }
  await bench.hook('rollout', metadata)
  await sendTwice(bench, { predicted: '1', label: '1', times: 200 })
  t.match(await bench.hook('confirm-promotion', metadata), /^409 no-data/)
  bench.nowMs += 3_600_000
  t.match(await bench.hook('confirm-promotion', metadata), /^200 pass/)
})

t.test('Numbers and booleans in metadata are read as their text', t => {
  const call = (metadata: unknown) =>
    readHook('rollout', Buffer.from(JSON.stringify({ namespace: 'ml', name: 'churn', metadata })))
  const read = call({ 'precision.min': 0.92, 'min-events': 50, 'precision.critical': false })
  t.same('metadata' in read ? Object.fromEntries(read.metadata) : read, {
    'precision.min': '0.92',
    'min-events': '50',
    'precision.critical': 'false'
  })
  const digits = Buffer.from(
    '{"namespace":"ml","name":"churn","metadata":{"commit":1234567890123456789}}'
  )
  const long = readHook('rollout', digits)
  t.equal('metadata' in long ? long.metadata.get('commit') : long, '1234567890123456789')
  t.match(call({ 'precision.min': [0.92] }), { refused: /strings, numbers or booleans/ })
  t.end()
})

t.test('By class, the worst class decides and is named', async t => {
  const judged = async (
    metadata: Readonly<Record<string, string>>,
    ...sent: readonly Sent[]
  ): Promise<Readonly<Record<string, unknown>>> => {
    const bench = new BenchTop()
    await bench.hook('rollout', { ...mature, ...metadata })
    await sendTwice(bench, ...sent)
    return objectiveOf(bench) ?? {}
  }
  const cats = { predicted: 'cat', label: 'cat', times: 100 }
  const dogs = { predicted: 'dog', label: 'dog', times: 100 }
  const confused = { predicted: 'dog', label: 'cat', times: 30 }
  const byClass = { 'precision.min': '0.9', 'precision.class': 'cat,dog' }
  const pass = await judged(byClass, cats, dogs)
  t.match(pass, { verdict: 'pass', events: 200, bad: 0, coverage: 1 })
  const fail = await judged(byClass, cats, dogs, confused)
  t.match(fail, { verdict: 'fail', class: 'dog', events: 260, bad: 60 })
  t.match(
    fail.reason,
    /^precision of class "dog" at most 0\.\d+; limit 0\.9, margin 0\.02; estimate 0\.769 of 260 events$/
  )
  // scipy: the odds mixture at 0.1, of 60 bad of 260.
  t.equal(round(fail.lnEFail), 16.197956)
  const recall = { 'recall.min': '0.9', 'recall.class': 'cat,dog' }
  t.match(await judged(recall, cats, dogs, confused), { verdict: 'fail', class: 'cat', bad: 60 })
  const missing = { predicted: 'dog', times: 30 }
  t.match(await judged(byClass, cats, dogs, missing), {
    ...{ verdict: 'inconclusive', class: 'dog', events: 200, bad: 0, coverage: 200 / 260 },
    reason: /60 of 260 positive predictions have no label: they count as bad for PASS/
  })
  t.match(await judged(byClass, cats), { verdict: 'no-data', class: 'dog' })
})

t.test('Each of several classes has its part of alpha', async t => {
  const judged = async (classes: string) => {
    const bench = new BenchTop()
    const metadata = { 'precision.min': '0.9', 'precision.class': classes, ...mature }
    await bench.hook('rollout', metadata)
    // Evidence of 1/alpha, but not of 2/alpha.
    await sendTwice(
      bench,
      { predicted: 'cat', label: 'cat', times: 81 },
      { predicted: 'cat', label: 'dog', times: 19 },
      { predicted: 'dog', label: 'dog', times: 100 }
    )
    const { verdict, class: decisive, lnEFail } = objectiveOf(bench) ?? {}
    return [verdict, decisive, round(lnEFail)]
  }
  t.same(await judged('cat'), ['fail', 'cat', 5.171105])
  t.same(await judged('cat,dog'), ['inconclusive', 'cat', 5.171105])
})

t.test('What a source cannot judge is refused with what can', async t => {
  const bench = new BenchTop()
  const replay = { source: 'replay', 'replay.url': 'http://x', 'replay.dataset': 's' }
  const prometheus = { source: 'prometheus' }
  for (const [metadata, problem] of [
    [
      { 'score.helpful.min': '0.8', ...replay },
      'score.helpful: not judged by source: replay; events and mlgitops gate judge it'
    ],
    [
      { 'score.helpful.min': '0.8', ...prometheus },
      'score.helpful: not judged by source: prometheus; events and mlgitops gate judge it'
    ],
    [
      { 'auc.min': '0.8', ...prometheus },
      'auc: not judged by source: prometheus; events, replay and mlgitops gate judge it'
    ],
    [
      { 'precision.min': '0.9', 'precision.class': 'a,b', ...prometheus },
      'precision: by class not judged by source: prometheus; events, replay and mlgitops gate judge it'
    ]
  ] as const) {
    const found = await bench.hook('rollout', metadata)
    t.ok(found.startsWith('400 ') && found.includes(problem), found)
  }
})
