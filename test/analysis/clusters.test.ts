import t from 'tap'
import { readOwnEvent } from '../../analysis/event/own-event.ts'
import { verdictJson } from '../../analysis/view/verdict-route.ts'
import { BenchTop, rollout } from './bench-top.ts'

const objectives = { 'accuracy.min': '0.9', maturity: '0s', block: '1m' }

/** Each cluster sends `events` in this block, `bad` of them wrong. */
async function sendClusters(
  bench: BenchTop,
  variant: 'canary' | 'primary',
  clusters: readonly string[],
  { events, bad }: { readonly events: number; readonly bad: number }
): Promise<void> {
  await bench.analyst.ingest(
    clusters.flatMap(cluster =>
      Array.from({ length: events }, (_, at) =>
        bench.prediction({ variant, cluster, label: at < bad ? '0' : '1' })
      )
    )
  )
}

function objectiveOf(bench: BenchTop) {
  const view = bench.analyst.view(rollout)
  if (view.kind !== 'judged') throw new Error('no verdict')
  const { objectives: all } = verdictJson(view.judged, bench.nowMs) as {
    readonly objectives: readonly Readonly<Record<string, unknown>>[]
  }
  return all[0] ?? {}
}

t.test('one user with many bad answers is one observation', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', objectives)
  for (let block = 0; block < 5; block += 1) {
    await sendClusters(bench, 'canary', ['one user'], { events: 100, bad: 99 })
    bench.nowMs += 60_000
  }
  const { verdict, events, bad, assumption, reason } = objectiveOf(bench)
  t.same({ verdict, events, bad }, { verdict: 'inconclusive', events: 500, bad: 495 })
  t.equal(
    assumption,
    'given the clusters before it, the events of a cluster are bad within the limit (FAIL) or beyond limit and margin (PASS), on average; nothing is assumed about missing labels: they count as bad for PASS and as good for FAIL'
  )
  t.match(String(reason), /judged by the 1 clusters of the canary in closed blocks, each once/)
  t.end()
})

t.test('the same answers without a cluster, or of many users, fail', async t => {
  for (const clusters of [undefined, Array.from({ length: 40 }, (_, at) => `u${at}`)]) {
    const bench = new BenchTop()
    await bench.hook('rollout', objectives)
    for (let block = 0; block < 5; block += 1) {
      const own = clusters?.map(each => `${each} ${block}`)
      if (own === undefined) await bench.send('canary', { events: 100, bad: 99 })
      else await sendClusters(bench, 'canary', own, { events: 3, bad: 2 })
      bench.nowMs += 60_000
    }
    t.equal(objectiveOf(bench).verdict, 'fail')
  }
  t.end()
})

t.test('a restart does not change what clusters prove', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { ...objectives, 'accuracy.versus': 'primary' })
  for (let block = 0; block < 4; block += 1) {
    const users = (arm: string) => Array.from({ length: 10 }, (_, at) => `${arm} ${block} ${at}`)
    await sendClusters(bench, 'canary', users('c'), { events: 4, bad: block % 2 })
    await sendClusters(bench, 'primary', [...users('p'), ...users('q')], { events: 3, bad: 1 })
    await bench.send('canary', { events: 3, bad: 1 })
    bench.nowMs += 60_000
  }
  const before = objectiveOf(bench)
  t.ok(Math.abs(Number(before.lnEFail)) > 0.01)
  bench.restart()
  t.same(objectiveOf(bench), before)
  t.end()
})

t.test('a cluster is a text, and its name is not stored', t => {
  const event = { id: 'e', source: '/t', time: undefined, extension: () => undefined }
  const read = (cluster: unknown) =>
    readOwnEvent(
      {
        ...event,
        type: 'io.mlgitops.prediction',
        data: {
          ...{ rollout: 'ml/churn', variant: 'canary', id: 'r', predicted: 1, latencyMs: 1 },
          cluster: cluster as string
        }
      },
      0
    )
  for (const wrong of ['', 7, {}, 'x'.repeat(201)]) {
    t.same(read(wrong), { refused: 'cluster must be a string of 1 to 200 characters' })
  }
  t.match(read('ada@example.com'), { cluster: 'tfyF5VdV-eDQMKEK' })
  t.notOk('cluster' in read(null))
  t.end()
})

t.test('a reason says that arms vary more than chance, if events have no cluster', async t => {
  for (const isUneven of [false, true]) {
    const bench = new BenchTop()
    await bench.hook('rollout', { 'accuracy.versus': 'primary', maturity: '0s', block: '1m' })
    for (let block = 0; block < 10; block += 1) {
      const bad = isUneven && block % 2 === 0 ? 40 : 10
      await bench.send('canary', { events: 100, bad })
      await bench.send('primary', { events: 100, bad: isUneven ? 25 : 10 })
      bench.nowMs += 60_000
    }
    const { reason } = objectiveOf(bench)
    const hasWarning = String(reason).includes(
      'the difference of the arms varies between blocks 6.9 times as much as random assignment allows: if users stay in their arm, send their cluster'
    )
    t.equal(hasWarning, isUneven, String(reason))
  }
  t.end()
})
