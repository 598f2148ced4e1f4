import t from 'tap'
import { BenchTop } from './bench-top.ts'

const llm = {
  block: '10s',
  'latency.ttft.p95.max': '500ms',
  'latency.itl.p99.max': '50ms',
  'tokens-per-second.min': '30'
}

interface Response {
  readonly ttft?: number
  readonly itl?: number
  readonly tokensPerSecond?: number
  readonly isError?: boolean
}

/** Sends a block of responses of the canary. */
async function sendBlock(
  bench: BenchTop,
  responses: readonly (readonly [count: number, response: Response])[]
): Promise<void> {
  const messages = responses.flatMap(
    ([count, { isError = false, tokensPerSecond, ...latenciesMs }]) =>
      Array.from({ length: count }, () =>
        bench.prediction({
          isError,
          predicted: isError ? undefined : 'text',
          latenciesMs,
          ...(tokensPerSecond === undefined ? {} : { tokensPerSecond })
        })
      )
  )
  await bench.analyst.ingest(messages)
  bench.nowMs += 10_000
}

const fast = { ttft: 200, itl: 20, tokensPerSecond: 45 }

t.test('Latencies that events name are judged in one set with tokens per second', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', llm)
  for (let block = 0; block < 4; block += 1) await sendBlock(bench, [[200, fast]])
  t.same(bench.verdicts(), [
    'tokens-per-second: pass, 0 of 800',
    'latency.ttft.p95: pass, 0 of 800',
    'latency.itl.p99: pass, 0 of 800'
  ])
  t.match(bench.reasons(), [
    /^share of requests below 30 tokens per second at most 0\.\d+; limit 0\.5 \+ margin 0\.05; estimate 0 of 800 requests$/,
    /^share of requests with ttft above 500 ms at most 0\.\d+; limit 0\.05 \+ margin 0\.02; estimate 0 of 800 requests$/,
    /^share of requests with itl above 50 ms at most 0\.\d+; limit 0\.01 \+ margin 0\.01; estimate 0 of 800 requests$/
  ])
})

t.test('Each name has its own count, and the slow one fails', async t => {
  for (const [response, failed] of [
    [{ ...fast, ttft: 900 }, 'latency.ttft.p95'],
    [{ ...fast, itl: 51 }, 'latency.itl.p99'],
    [{ ...fast, tokensPerSecond: 29.9 }, 'tokens-per-second']
  ] as const) {
    const bench = new BenchTop()
    await bench.hook('rollout', llm)
    for (let block = 0; block < 3; block += 1) await sendBlock(bench, [[100, response]])
    t.match(await bench.hook('rollback', llm), /^200 fail: share of requests /)
    t.same(
      bench.verdicts().filter(each => String(each).includes('fail')),
      [`${failed}: fail, 300 of 300`]
    )
  }
})

t.test('A limit is met by what equals it', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', llm)
  const equal = { ttft: 500, itl: 50, tokensPerSecond: 30 }
  for (let block = 0; block < 3; block += 1) await sendBlock(bench, [[200, equal]])
  t.same(
    bench.verdicts().filter(each => !String(each).includes('pass, 0 of 600')),
    []
  )
})

t.test('A request without a latency is missing it: bad for PASS and good for FAIL', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', llm)
  for (let block = 0; block < 4; block += 1) {
    await sendBlock(bench, [
      [150, fast],
      [50, { itl: 20, tokensPerSecond: 45 }]
    ])
  }
  t.same(bench.verdicts(), [
    'tokens-per-second: pass, 0 of 800',
    'latency.ttft.p95: inconclusive, 0 of 600',
    'latency.itl.p99: pass, 0 of 800'
  ])
  t.match(
    bench.reasons()[1],
    /; estimate 0 to 0\.25 of 600 requests; .*200 of 800 predictions have no ttft latency: they count as bad for PASS and as good for FAIL$/
  )
})

t.test('With labels: sampled, requests without a latency do not count', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', { ...llm, labels: 'sampled' })
  for (let block = 0; block < 4; block += 1) {
    await sendBlock(bench, [
      [150, fast],
      [50, { itl: 20, tokensPerSecond: 45 }]
    ])
  }
  t.match(bench.reasons()[1], /200 of 800 predictions have no ttft latency and do not count$/)
  t.match(bench.verdicts()[1], 'latency.ttft.p95: pass, 0 of 600')
})

t.test('An error is slower than anything, and no time for a token at all is slow', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', llm)
  for (let block = 0; block < 3; block += 1) {
    await sendBlock(bench, [
      [60, fast],
      [40, { isError: true }]
    ])
  }
  t.same(
    bench.verdicts().map(each => String(each).replace(/: \w+,/, '')),
    ['tokens-per-second 120 of 300', 'latency.ttft.p95 120 of 300', 'latency.itl.p99 120 of 300']
  )
  const stuck = new BenchTop()
  await stuck.hook('rollout', llm)
  for (let block = 0; block < 3; block += 1) {
    await sendBlock(stuck, [[100, { ...fast, tokensPerSecond: 0 }]])
  }
  t.match(stuck.verdicts()[0], 'tokens-per-second: fail, 300 of 300')
})

t.test('Names of members of every object are no latencies', async t => {
  const bench = new BenchTop()
  const metadata = { block: '10s', 'latency.constructor.p95.max': '1ms' }
  await bench.hook('rollout', metadata)
  for (let block = 0; block < 3; block += 1) await sendBlock(bench, [[100, fast]])
  t.same(bench.reasons(), [
    'latency.constructor.p95: no data yet: none of 300 predictions has a constructor latency'
  ])
})

t.test('Counts survive a restart, and do not depend on batches', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', llm)
  for (let block = 0; block < 30; block += 1)
    await sendBlock(bench, [
      [7, fast],
      [1, { itl: 99 }]
    ])
  const reasons = bench.reasons()
  bench.restart()
  t.same(bench.reasons(), reasons)
})

t.test('Keys of named latencies that cannot be used are refused', async t => {
  const refused = async (metadata: Readonly<Record<string, string>>) =>
    await new BenchTop().hook('rollout', metadata)
  t.match(
    await refused({ 'latency.ttft.p95.versus': 'primary' }),
    /^400 .*unknown key "latency.ttft.p95.versus"/
  )
  t.match(
    await refused({ 'latency.ttft.p98.max': '1s' }),
    /^400 .*unknown key "latency.ttft.p98.max"/
  )
  t.match(
    await refused({ 'latency.ttft.p95.max': '1' }),
    /^400 .*latency.ttft.p95.max: found "1", expected a Go duration/
  )
  t.match(
    await refused({ 'tokens-per-second.min': '-3' }),
    /^400 .*tokens-per-second.min: found "-3", expected a number above 0/
  )
  t.match(
    await refused({ 'tokens-per-second.max': '3' }),
    /^400 .*unknown key "tokens-per-second.max"/
  )
  t.match(
    await refused({ 'latency.ttft.p95.max': '1s', source: 'replay' }),
    /latency.ttft.p95: not judged by source: replay, only by events/
  )
})
