import t from 'tap'
import { BenchTop } from './bench-top.ts'

interface Block {
  readonly canary: number
  readonly primary: number
}

/** Sends blocks of 100 canary and 900 primary predictions, of which so many are wrong or errors. */
const sendBlocks = async (
  bench: BenchTop,
  blocks: number,
  bad: Block,
  kind: 'error' | 'wrong'
): Promise<void> => {
  for (let block = 0; block < blocks; block += 1) {
    for (const [variant, events] of [
      ['canary', 100],
      ['primary', 900]
    ] as const) {
      await bench.analyst.ingest(
        Array.from({ length: events }, (_, at) => {
          const isBad = at < bad[variant]
          return kind === 'error'
            ? bench.prediction({ variant, isError: isBad, predicted: isBad ? undefined : '1' })
            : bench.prediction({ variant, label: isBad ? '0' : '1' })
        })
      )
    }
    bench.nowMs += 10_000
  }
}

const settings = { block: '10s', maturity: '0s' }

t.test('A canary and a primary that do not err pass within minutes', async t => {
  for (const [objective, kind, blocks] of [
    ['error-rate.versus', 'error', 6],
    ['precision.versus', 'wrong', 6],
    ['accuracy.versus', 'wrong', 6]
  ] as const) {
    const bench = new BenchTop()
    const metadata = { ...settings, [objective]: 'primary' }
    await bench.hook('rollout', metadata)
    await sendBlocks(bench, 1, { canary: 0, primary: 0 }, kind)
    t.match(await bench.hook('confirm-promotion', metadata), /^409 inconclusive/)
    await sendBlocks(bench, blocks - 1, { canary: 0, primary: 0 }, kind)
    t.match(await bench.hook('confirm-promotion', metadata), /^200 pass: /, objective)
  }
})

t.test('The example with a limit and the primary passes a healthy service', async t => {
  const bench = new BenchTop()
  const metadata = { ...settings, 'error-rate.max': '0.01', 'error-rate.versus': 'primary' }
  await bench.hook('rollout', metadata)
  await sendBlocks(bench, 6, { canary: 0, primary: 0 }, 'error')
  t.equal(
    await bench.hook('confirm-promotion', metadata),
    "200 pass: error rate at most 0.00806; limit 0.01 + margin 0.01; estimate 0 of 600 events | error rate 0 of 600 events, the primary's 0 of 5400: at most 1.5 times the primary's odds of a bad event, or 0.01 of the events more"
  )
})

t.test('A canary that is beyond odds and margin does not pass', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { ...settings, 'error-rate.versus': 'primary' })
  await sendBlocks(bench, 10, { canary: 3, primary: 9 }, 'error')
  t.notMatch(bench.verdicts()[0], /pass/)
})

t.test('latency.p99 versus the primary uses a given margin', async t => {
  for (const [slow, verdict] of [
    [0, 'pass'],
    [60, 'fail']
  ] as const) {
    const bench = new BenchTop()
    const metadata = { ...settings, 'latency.p99.versus': 'primary', 'latency.p99.margin': '0.2' }
    await bench.send('primary', { events: 200, latencyMs: 20 })
    bench.nowMs += 20_000
    await bench.hook('rollout', metadata)
    for (let block = 0; block < 8; block += 1) {
      await bench.send('primary', { events: 300, latencyMs: 20 })
      await bench.send('canary', { events: 100 - slow, latencyMs: 20 })
      await bench.send('canary', { events: slow, latencyMs: 900 })
      bench.nowMs += 10_000
    }
    t.same(bench.verdicts(), [`latency.p99 versus primary: ${verdict}, ${slow * 8} of 800`])
  }
})
