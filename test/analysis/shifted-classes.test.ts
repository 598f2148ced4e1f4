import t from 'tap'
import { BenchTop } from './bench-top.ts'
import { asked, sendBlock } from './class-blocks.ts'

t.test('A class that the primary does not predict is one of the other classes', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', asked)
  for (let block = 0; block < 3; block += 1) {
    await sendBlock(bench, { canary: { 1: 10, 7: 4, 8: 4 }, primary: { 1: 90 } })
  }
  t.match(
    await bench.hook('confirm-promotion', asked),
    /^409 inconclusive: prediction-rate: classes other than 0, 1 are 8 % of 200 predictions, primary 0 % of 1800; proved more than/
  )
})

t.test('Declared classes are compared from the first block on', async t => {
  const bench = new BenchTop()
  const metadata = { ...asked, classes: 'cat, dog', 'precision.positive': 'dog' }
  await bench.hook('rollout', metadata)
  for (let block = 0; block < 2; block += 1) {
    await sendBlock(bench, { canary: { dog: 0, cat: 100 }, primary: { dog: 100, cat: 800 } })
  }
  t.match(
    await bench.hook('confirm-promotion', metadata),
    /^409 inconclusive: prediction-rate: class dog is 0 % of 200 predictions, primary 11.1 % of 1800; proved less/
  )
})

t.test('Scores are compared by the threshold', async t => {
  const bench = new BenchTop()
  const metadata = { ...asked, threshold: '0.5' }
  await bench.hook('rollout', metadata)
  for (let block = 0; block < 3; block += 1) {
    const canary = { '0.93': 40, '0.07': 60 }
    await sendBlock(bench, { canary, primary: { '0.91': 90, '0.11': 810 } })
  }
  t.match(
    await bench.hook('confirm-promotion', metadata),
    /^409 inconclusive: prediction-rate: class 1 is 40 % of 200 predictions, primary 10 % of 1800; proved more/
  )
})

t.test('A primary with too many classes is not compared, and is asked to name them', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', asked)
  const numbers = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`${at}.5`, 5]))
  for (let block = 0; block < 3; block += 1) {
    await sendBlock(bench, { canary: {}, primary: numbers })
  }
  t.equal((await bench.hook('confirm-promotion', asked)).slice(0, 3), '409')
  t.match(bench.reasons(), [
    'prediction-rate: the primary predicts more than 50 classes in a block: name classes, or a threshold for scores'
  ])
})

t.test('A canary that predicts any number of classes does not escape', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', asked)
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`class-${at}`, 1]))
  for (let block = 0; block < 4; block += 1) {
    await sendBlock(bench, { canary: many, primary: { 1: 90 } })
    await bench.hook('rollout', asked)
  }
  t.match(
    await bench.hook('confirm-promotion', asked),
    /^409 inconclusive: prediction-rate: class 1 is 0 % of 300 predictions, primary 10 % of 2700; proved less/
  )
})

t.test('Order and batches of events do not matter, nor does a restart', async t => {
  const events = (bench: BenchTop, block: number) =>
    (['canary', 'primary'] as const).flatMap(variant =>
      Array.from({ length: variant === 'canary' ? 60 : 300 }, (_, at) =>
        bench.prediction({
          variant,
          predicted: String((at * 7 + block) % (variant === 'canary' ? 3 : 4))
        })
      )
    )
  const inOrder = new BenchTop()
  const shuffled = new BenchTop()
  for (const bench of [inOrder, shuffled]) await bench.hook('rollout', asked)
  for (let block = 0; block < 6; block += 1) {
    await inOrder.analyst.ingest(events(inOrder, block))
    const mixed = events(shuffled, block)
      .map((event, at) => ({ event, key: (at * 7919) % 363 }))
      .sort((a, b) => a.key - b.key)
      .map(({ event }) => event)
    for (let from = 0; from < mixed.length; from += 37) {
      await shuffled.analyst.ingest(mixed.slice(from, from + 37))
    }
    for (const bench of [inOrder, shuffled]) bench.nowMs += 10_000
    if (block === 3) shuffled.restart()
  }
  const answer = await inOrder.hook('confirm-promotion', asked)
  t.match(answer, /^409 inconclusive: prediction-rate: class 3 is 0 % of 300 predictions/)
  t.equal(await shuffled.hook('confirm-promotion', asked), answer)
  shuffled.restart()
  t.equal(await shuffled.hook('confirm-promotion', asked), answer)
})

t.test('Of a cluster, the first prediction counts', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', asked)
  for (let block = 0; block < 6; block += 1) {
    for (const [variant, users] of [
      ['canary', 5],
      ['primary', 45]
    ] as const) {
      await bench.analyst.ingest(
        Array.from({ length: users * 20 }, (_, at) =>
          bench.prediction({
            variant,
            predicted: variant === 'canary' ? '1' : String(at % 2),
            cluster: `${variant}-${block}-${at % users}`
          })
        )
      )
    }
    bench.nowMs += 10_000
  }
  const answer = await bench.hook('confirm-promotion', asked)
  t.match(
    answer,
    /of 25 predictions, primary .* of 225; .*\(the first prediction of each cluster counts\)/
  )
  bench.restart()
  t.equal(await bench.hook('confirm-promotion', asked), answer)
})

t.test('A response of the logger counts in the block of its request', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', asked)
  let sent = 0
  for (let block = 0; block < 3; block += 1) {
    const ids = Array.from({ length: 200 }, () => `r${(sent += 1)}`)
    const half = (variant: 'canary' | 'primary', at: number) => ({
      rollout: { namespace: 'ml', name: 'churn' },
      variant,
      id: ids[at] ?? '',
      timeMs: bench.nowMs
    })
    const variantOf = (at: number) => (at % 2 === 0 ? 'canary' : 'primary')
    await bench.analyst.ingest(
      ids.map((_, at) => ({ kind: 'request' as const, ...half(variantOf(at), at) }))
    )
    bench.nowMs += 11_000
    await bench.hook('rollout', asked)
    await bench.analyst.ingest(
      ids.map((_, at) => ({
        kind: 'response' as const,
        ...half(variantOf(at), at),
        predicted: variantOf(at) === 'canary' ? '1' : String(at % 4 === 1 ? 1 : 0)
      }))
    )
    bench.nowMs += 9_000
  }
  t.match(
    await bench.hook('confirm-promotion', asked),
    /^409 inconclusive: prediction-rate: class 1 is 100 % of 200 predictions, primary 50 % of 200; proved more/
  )
})
