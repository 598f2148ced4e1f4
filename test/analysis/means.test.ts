import t from 'tap'
import { assumptionOf } from '../../analysis/judge/assumption.ts'
import { readAnalysis } from '../../analysis/settings/read-analysis.ts'
import { verdictJson } from '../../analysis/view/verdict-route.ts'
import { BenchTop, rollout } from './bench-top.ts'

const mature = { maturity: '10s', block: '10s', guards: 'off' }
const cap = { 'error-cap': '2' }

/** 300 numbers around 10, of which 54 are more than 2 from their label, and 300 ratings. */
const errors = Array.from({ length: 300 }, (_, at) => (((at * 7) % 11) - 4) / 2)
const ratings = errors.map((_, at) => 0.5 + ((at * 3) % 5) / 10)

const objectivesOf = (bench: BenchTop) => {
  const view = bench.analyst.view(rollout)
  if (view.kind !== 'judged') throw new Error('no verdict')
  const { objectives } = verdictJson(view.judged, bench.nowMs) as {
    readonly objectives: readonly Readonly<Record<string, unknown>>[]
  }
  return objectives
}

const round = (value: unknown) => Number(Number(value).toFixed(6))

/** Sends the numbers and ratings above in two blocks, and predictions without label and rating. */
const judge = async (metadata: Readonly<Record<string, string>>, missing = 0) => {
  const bench = new BenchTop()
  await bench.hook('rollout', { ...mature, ...metadata })
  for (const odd of [0, 1]) {
    await bench.analyst.ingest(
      errors.flatMap((error, at) =>
        at % 2 === odd
          ? [
              bench.prediction({
                predicted: String(10 + error),
                label: '10',
                scores: { helpful: ratings[at] ?? 0 }
              })
            ]
          : []
      )
    )
    await bench.analyst.ingest(
      Array.from({ length: missing / 2 }, () => bench.prediction({ predicted: '10' }))
    )
    bench.nowMs += 10_000
  }
  bench.nowMs += 20_000
  return objectivesOf(bench)[0] ?? {}
}

t.test('mae, bias and scores have the evidence of the bets, as computed by hand', async t => {
  // By the seven bets over the 300 values, in plain Python.
  for (const [metadata, missing, verdict, estimate, lnEFail, lnEPass] of [
    [{ 'mae.max': '0.8', ...cap }, 0, 'fail', 1.273333, 60.677599, -7.735384],
    [{ 'mae.max': '0.8', ...cap }, 30, 'fail', 1.273333, 33.412284, -9.275829],
    [{ 'mae.max': '1.5', ...cap }, 0, 'pass', 1.273333, -4.225187, 23.463665],
    [{ 'mae.max': '1.5', ...cap }, 30, 'pass', 1.273333, -5.824654, 13.742792],
    [{ 'bias.max': '0.2', ...cap }, 0, 'inconclusive', 0.356667, 0.6359, -3.013605],
    [{ 'bias.max': '0.8', ...cap }, 0, 'pass', 0.356667, -4.36112, 16.876541],
    [{ 'score.helpful.min': '0.65' }, 0, 'pass', 0.7, -4.067556, 22.442629],
    [{ 'score.helpful.min': '0.65' }, 30, 'inconclusive', 0.7, -5.67884, -0.879814],
    [{ 'score.helpful.min': '0.8' }, 0, 'fail', 0.7, 75.934935, -3.308543],
    [{ 'score.helpful.min': '0.8' }, 30, 'fail', 0.7, 31.66927, -4.99999]
  ] as const) {
    const found = await judge(metadata, missing)
    t.same(
      [found.verdict, round(found.estimate), round(found.lnEFail), round(found.lnEPass)],
      [verdict, estimate, lnEFail, lnEPass],
      JSON.stringify(metadata)
    )
    t.same([found.events, found.coverage], [300, 300 / (300 + missing)])
  }
})

t.test('With labels: sampled, missing values do not count', async t => {
  const found = await judge({ 'mae.max': '0.8', ...cap, labels: 'sampled' }, 30)
  t.same([round(found.lnEFail), round(found.lnEPass)], [60.677599, -7.735384])
})

t.test('A reason says the estimate, how many errors are cut, and what is missing', async t => {
  t.match(await judge({ 'mae.max': '1.5', ...cap }, 30), {
    reason:
      /^mean absolute error at most 1\.54; limit 1\.5 \+ margin 0\.04; estimate 1\.16 to 1\.34 of 300 events; 30 of 330 predictions have no label: .*54 of 300 errors are larger than 2 \(error-cap\) and count as 2/
  })
  t.match(await judge({ 'score.helpful.min': '0.8' }, 30), {
    reason: /30 of 330 predictions have no score: they count as bad for PASS and as good for FAIL/
  })
})

t.test('Assumptions say what is cut, and what missing scores are', t => {
  const assumptionsOf = (settings: Readonly<Record<string, string>>) => {
    const analysis = readAnalysis(new Map(Object.entries(settings)))
    return analysis.objectives.map(objective => assumptionOf(objective, analysis))
  }
  const average =
    'given the events before it, each value is on average within the limit (FAIL) or beyond limit and margin (PASS)'
  const labels =
    'nothing is assumed about missing labels: they count as bad for PASS and as good for FAIL'
  t.same(assumptionsOf({ 'mae.max': '1', 'bias.max': '1', 'error-cap': '5' }), [
    `${average}; ${labels}; PASS is about errors cut at 5 (error-cap), FAIL holds for whole errors too`,
    `${average}; ${labels}; both verdicts are about errors cut at 5 to either side (error-cap)`
  ])
  t.same(assumptionsOf({ 'score.helpful.min': '0.8' }), [
    `${average}; nothing is assumed about missing scores: they count as 0 for PASS and as 1 for FAIL`
  ])
  t.same(assumptionsOf({ 'score.helpful.min': '0.8', labels: 'sampled' }), [
    `${average}; whether a prediction has a score does not depend on the score`
  ])
  t.end()
})

t.test('A bias below its limit fails as one above does', async t => {
  const judged = async (error: number) => {
    const bench = new BenchTop()
    const metadata = { 'bias.max': '0.5', 'error-cap': '2', ...mature }
    await bench.hook('rollout', metadata)
    for (let block = 0; block < 2; block += 1) {
      const predicted = String(10 + error)
      await bench.analyst.ingest(
        Array.from({ length: 100 }, () => bench.prediction({ predicted, label: '10' }))
      )
      bench.nowMs += 10_000
    }
    bench.nowMs += 20_000
    const { verdict, estimate, lnEFail } = objectivesOf(bench)[0] ?? {}
    return { verdict, estimate, lnEFail }
  }
  const above = await judged(1)
  t.match(above, { verdict: 'fail', estimate: 1 })
  t.same(await judged(-1), { ...above, estimate: -1 })
})

t.test('Numbers that are none are no verdict, and a label that is none is missing', async t => {
  const bench = new BenchTop()
  const metadata = { 'mae.max': '1', 'error-cap': '2', ...mature }
  await bench.hook('rollout', metadata)
  const send = async (times: number, given: Parameters<BenchTop['prediction']>[0]) => {
    await bench.analyst.ingest(Array.from({ length: times }, () => bench.prediction(given)))
  }
  await send(40, { predicted: 'cat', label: 'dog' })
  bench.nowMs += 40_000
  t.match(
    await bench.hook('confirm-promotion', metadata),
    /^424 .*predictions and labels are not numbers after 30 joined events: a prediction is "cat", its label is "dog"/
  )
  const other = new BenchTop()
  await other.hook('rollout', metadata)
  await other.analyst.ingest([
    ...Array.from({ length: 60 }, () => other.prediction({ predicted: '1', label: '1' })),
    ...Array.from({ length: 20 }, () => other.prediction({ predicted: '1', label: 'n/a' })),
    ...Array.from({ length: 20 }, () => other.prediction({ predicted: 'failed', label: '1' }))
  ])
  other.nowMs += 40_000
  t.match(objectivesOf(other)[0], { events: 80, bad: 20, estimate: 0.5, coverage: 0.8 })
})

t.test('A score may come later, as feedback, and counts if it comes in time', async t => {
  const bench = new BenchTop()
  const metadata = { 'score.helpful.min': '0.5', ...mature }
  await bench.hook('rollout', metadata)
  const sent = Array.from({ length: 40 }, () => bench.prediction())
  await bench.analyst.ingest(sent)
  const rate = async (value: number, ...ids: readonly string[]) => {
    await bench.analyst.ingest(
      ids.map(id => ({
        ...{ kind: 'feedback', rollout, id, timeMs: bench.nowMs, label: undefined },
        scores: { helpful: value }
      }))
    )
  }
  const ids = sent.map(({ id }) => id)
  bench.nowMs += 5_000
  await rate(1, ...ids.slice(0, 20))
  await rate(0, ...ids.slice(0, 4))
  bench.nowMs += 25_000
  const expected = { events: 20, bad: 4, estimate: 0.8, coverage: 0.5 }
  t.match(objectivesOf(bench)[0], expected, 'corrections in time count')
  await rate(0, ...ids)
  t.match(objectivesOf(bench)[0], expected, 'what is late decides nothing')
  bench.restart()
  t.match(objectivesOf(bench)[0], expected)
  const late = { 'score.helpful.min': '0.6', ...mature }
  await bench.hook('rollout', late)
  t.match(
    objectivesOf(bench).find(({ estimate }) => estimate !== null),
    expected,
    'an analysis that starts later counts by when they came'
  )
})

t.test('The same events in any order, in any batches and twice give the same verdict', async t => {
  const settings = {
    ...{ 'mae.max': '0.9', 'bias.max': '0.3', 'error-cap': '1.7', 'score.helpful.min': '0.77' },
    ...mature
  }
  let state = 1
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  const events = Array.from({ length: 240 }, (_, at) => ({
    id: `e${at}`,
    predicted: String(10 + 3 * (random() - 0.4)),
    label: at % 9 === 0 ? undefined : String(10 + random()),
    scores: at % 7 === 0 ? undefined : { helpful: random() }
  }))
  const told = async (order: () => number, batch: number) => {
    const bench = new BenchTop()
    await bench.hook('rollout', settings)
    bench.nowMs += 8_000
    const twice = [...events, ...events]
      .map(event => ({ event, at: order() }))
      .sort((a, b) => a.at - b.at)
    for (let from = 0; from < twice.length; from += batch) {
      await bench.analyst.ingest(
        twice.slice(from, from + batch).map(({ event: { scores, ...rest } }) => ({
          ...bench.prediction({ ...rest, ...(scores === undefined ? {} : { scores }) }),
          timeMs: bench.nowMs - Number(rest.id.slice(1)) * 30
        }))
      )
    }
    bench.nowMs += 30_000
    if (batch % 2 === 1) bench.restart()
    return objectivesOf(bench)
  }
  let count = 0
  const first = await told(() => (count += 1), 480)
  t.match(first, [{ metric: 'mae' }, { metric: 'bias' }, { metric: 'score.helpful' }])
  t.ok(first.every(({ lnEFail }) => Number.isFinite(lnEFail)))
  for (const batch of [1, 7, 100, 241]) t.same(await told(random, batch), first, `of ${batch}`)
})

t.test('The values of a cluster are one observation, and others count by their sum', async t => {
  const judged = async (cluster: (at: number) => string | undefined, error: number) => {
    const bench = new BenchTop()
    await bench.hook('rollout', { 'bias.max': '0.5', 'error-cap': '2', ...mature })
    for (let block = 0; block < 2; block += 1) {
      await bench.analyst.ingest(
        Array.from({ length: 120 }, (_, at) => {
          const own = cluster(at)
          const predicted = String(10 + error)
          return bench.prediction({
            ...{ predicted, label: '10' },
            ...(own === undefined ? {} : { cluster: `${own} ${block}` })
          })
        })
      )
      bench.nowMs += 10_000
    }
    bench.nowMs += 20_000
    return objectivesOf(bench)[0] ?? {}
  }
  // 60 clusters of 2 events a block; y = 0.75 of a limit of 0.625; weight 20 in the first block, then 2.
  const expected = Math.log(
    [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95]
      .map(stake => {
        const factor = (weight: number) => 1 + ((stake / 0.625) * (1.5 - 1.25)) / weight
        return factor(20) ** 60 * factor(2) ** 60
      })
      .reduce((sum, wealth) => sum + wealth / 7, 0)
  )
  const above = await judged(at => `user ${at % 60}`, 1)
  t.match(above, { verdict: 'fail', estimate: 1, reason: /^bias at least 0\.5; / })
  t.equal(round(above.lnEFail), round(expected))
  const below = await judged(at => `user ${at % 60}`, -1)
  t.match(below, { verdict: 'fail', estimate: -1, reason: /^bias at most -0\.5; / })
  t.equal(round(below.lnEFail), round(expected))
  const mixed = await judged(at => (at < 60 ? `user ${at}` : undefined), 1)
  t.ok(Number(mixed.lnEFail) < Number(above.lnEFail), 'only the sum of the others is known')
})
