import { createHash } from 'node:crypto'
import t from 'tap'
import type { Message } from '../../analysis/event/message.ts'
import { verdictJson } from '../../analysis/view/verdict-route.ts'
import { BenchTop, rollout, startMs } from './bench-top.ts'

const settings = { 'auc.min': '0.8', maturity: '10s', block: '10s', guards: 'off' }

interface Scored {
  readonly id: string
  readonly score: number
  readonly label: string | undefined
  readonly block: number
  readonly cluster?: string
}

let state = 7
const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647

/** A third are positive, whose scores are higher by `gap` on average. */
const draw = (count: number, gap: number): readonly Scored[] =>
  Array.from({ length: count }, (_, at) => {
    const isPositive = at % 3 === 0
    // Few different scores, so that there are ties.
    const score = Math.round(10 * (random() + (isPositive ? gap : 0))) / 10
    return { id: `e${at}`, score, label: isPositive ? '1' : '0', block: at % 2 }
  })

const objectiveOf = (bench: BenchTop) => {
  const view = bench.analyst.view(rollout)
  if (view.kind !== 'judged') throw new Error('no verdict')
  const { objectives } = verdictJson(view.judged, bench.nowMs) as {
    readonly objectives: readonly Readonly<Record<string, unknown>>[]
  }
  return objectives[0] ?? {}
}

const messagesOf = (bench: BenchTop, events: readonly Scored[]): readonly Message[] =>
  events.map(({ block, ...event }) => ({
    ...bench.prediction(event),
    timeMs: startMs + block * 10_000 + 5_000
  }))

const judge = async (events: readonly Scored[], metadata = settings, batch = events.length) => {
  const bench = new BenchTop()
  await bench.hook('rollout', metadata)
  bench.nowMs = startMs + 19_000
  for (let from = 0; from < events.length; from += batch) {
    await bench.analyst.ingest(messagesOf(bench, events.slice(from, from + batch)))
  }
  bench.nowMs = startMs + 40_000
  return { bench, objective: objectiveOf(bench) }
}

/** The same by the definition: pairs in the order of a digest of run and ID, and seven bets on each. */
const expected = (events: readonly Scored[], least: number, margin: number) => {
  const digest = ({ id }: Scored) => createHash('sha256').update(`1 ${id}`).digest('base64url')
  const values: number[] = []
  for (const block of [0, 1]) {
    const own = events
      .filter(each => each.block === block)
      .sort((a, b) => (digest(a) < digest(b) ? -1 : 1))
    const positives = own.filter(({ label }) => label === '1')
    const negatives = own.filter(({ label }) => label === '0')
    for (const [at, { score }] of positives.slice(0, negatives.length).entries()) {
      const other = negatives[at]?.score ?? 0
      values.push(score > other ? 1 : score < other ? 0 : 0.5)
    }
  }
  const lnMean = (factor: (stake: number, value: number) => number) => {
    const wealths = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95].map(stake =>
      values.reduce((product, value) => product * factor(stake, value), 1)
    )
    return Math.log(wealths.reduce((sum, wealth) => sum + wealth, 0) / 7)
  }
  const below = least - margin
  return {
    events: values.length,
    bad: values.reduce((sum, value) => sum + 1 - value, 0),
    lnEFail: lnMean((stake, value) => 1 + (stake / (1 - least)) * (least - value)),
    lnEPass: lnMean((stake, value) => 1 + (stake / below) * (value - below))
  }
}

t.test('AUC is judged by pairs of each closed block', async t => {
  for (const [gap, verdict] of [
    [0, 'fail'],
    [0.4, 'inconclusive'],
    [0.9, 'pass']
  ] as const) {
    const events = draw(600, gap)
    const { objective } = await judge(events)
    const { events: pairs, bad, lnEFail, lnEPass } = expected(events, 0.8, 0.02)
    t.match(objective, { verdict, events: pairs, bad, estimate: 1 - bad / pairs, coverage: 1 })
    t.equal(pairs, 200, 'the number of the rarer label')
    t.ok(Math.abs(Number(objective.lnEFail) - lnEFail) < 1e-9)
    t.ok(Math.abs(Number(objective.lnEPass) - lnEPass) < 1e-9)
  }
})

t.test('The order of events, batches, repeats and a restart change nothing', async t => {
  const events = draw(300, 0.4)
  const { objective } = await judge(events)
  for (const batch of [1, 37, 299]) {
    const twice = [...events, ...events].sort(() => random() - 0.5)
    const { bench, objective: again } = await judge(twice, settings, batch)
    t.same(again, objective, `batches of ${batch}`)
    bench.restart()
    t.same(objectiveOf(bench), objective, 'after a restart')
  }
  const sorted = [...events].sort((a, b) => a.score - b.score)
  t.same((await judge(sorted)).objective, objective, 'a queue that is sorted by score')
})

t.test('A missing label or score leaves it undecided, unless labels are sampled', async t => {
  const events = draw(600, 0.9).map((event, at) =>
    at % 10 === 0 ? { ...event, label: undefined } : event
  )
  const { objective } = await judge(events)
  t.match(objective, {
    verdict: 'inconclusive',
    coverage: 0.9,
    assumption: /; predictions without a label or a score leave it undecided$/,
    reason:
      /^AUC undecided; limit 0\.8 - margin 0\.02; estimate 0\.\d+ of \d+ events; 60 of 600 predictions have no label or no score; labels: sampled judges the others$/
  })
  const { objective: sampled } = await judge(events, { ...settings, labels: 'sampled' } as never)
  t.match(sampled, {
    verdict: 'pass',
    events: expected(events, 0.8, 0.02).events,
    reason: /60 of 600 predictions have no label or no score and do not count/
  })
})

t.test('A label that comes in time counts, also corrected, and a late one does not', async t => {
  const events = draw(300, 0.9)
  const later = async (labels: (event: Scored) => readonly [number, string][]) => {
    const bench = new BenchTop()
    await bench.hook('rollout', settings)
    bench.nowMs = startMs + 5_000
    await bench.analyst.ingest(
      messagesOf(
        bench,
        events.map(event => ({ ...event, label: undefined, block: 0 }))
      )
    )
    for (const nowMs of [10_000, 11_000, 16_000]) {
      bench.nowMs = startMs + nowMs
      await bench.analyst.ingest(
        events.flatMap(event =>
          labels(event)
            .filter(([atMs]) => atMs === nowMs)
            .map(([, label]) => ({
              ...({ kind: 'feedback', rollout, id: event.id, timeMs: bench.nowMs } as const),
              label
            }))
        )
      )
    }
    bench.nowMs = startMs + 40_000
    return objectiveOf(bench)
  }
  const right = await later(({ label = '' }) => [[10_000, label]])
  const { events: pairs, bad } = expected(
    events.map(event => ({ ...event, block: 0 })),
    0.8,
    0.02
  )
  t.match(right, { events: pairs, bad })
  const opposite = ({ label }: Scored) => (label === '1' ? '0' : '1')
  t.same(
    await later(event => [
      [10_000, opposite(event)],
      [11_000, event.label ?? '']
    ]),
    right,
    'corrected in time'
  )
  t.same(
    await later(event => [
      [10_000, event.label ?? ''],
      [16_000, opposite(event)]
    ]),
    right,
    'corrected too late'
  )
})

t.test('Each cluster counts once', async t => {
  const events = draw(300, 0.9).map((event, at) => ({ ...event, cluster: `user ${at % 20}` }))
  const { objective } = await judge(events)
  t.match(objective, { verdict: 'inconclusive', coverage: 1 })
  t.ok(Number(objective.events) <= 10)
})

t.test('A score that is the prediction is the score', async t => {
  const events = draw(300, 0.9)
  const { bench, objective } = await judge([], { ...settings, threshold: '0.5' } as never)
  t.match(objective, { verdict: 'no-data', reason: 'auc: no data yet' })
  bench.nowMs = startMs + 19_000
  await bench.analyst.ingest(
    messagesOf(bench, events).map(message => {
      if (message.kind !== 'prediction') return message
      const { score, ...rest } = message
      return { ...rest, predicted: String(score) }
    })
  )
  bench.nowMs = startMs + 40_000
  const { events: pairs, bad } = expected(events, 0.8, 0.02)
  t.match(objectiveOf(bench), { events: pairs, bad, coverage: 1 })
})

t.test('Without a positive and a negative there is no data, and the reason says so', async t => {
  const events = draw(60, 0.9).map(event => ({ ...event, label: '0' }))
  const { objective } = await judge(events)
  t.equal(
    objective.reason,
    'auc: no data yet: no closed block has a positive and a negative, of 60 of 60 predictions with a label and a score'
  )
})

t.test('AUC is not compared with the primary', async t => {
  const bench = new BenchTop()
  t.match(
    await bench.hook('rollout', { 'auc.versus': 'primary' }),
    /^400 .*auc: not compared with the primary/
  )
})
