import t from 'tap'
import { BenchTop } from './bench-top.ts'
import { asked, sendBlock } from './class-blocks.ts'

t.test('A canary that never predicts the positive class holds the gates', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', asked)
  for (let block = 0; block < 3; block += 1) {
    await sendBlock(bench, { canary: {}, primary: { 1: 90 } })
  }
  const held =
    'inconclusive: prediction-rate: class 1 is 0 % of 200 predictions, primary 10 % of 1800; proved less than the odds of the primary divided by 1.5; on-shift: hold keeps the gates shut until a person decides'
  t.equal(await bench.hook('rollout', asked), `200 ${held}`)
  t.equal(await bench.hook('pre-rollout', asked), `200 ${held}`)
  t.equal(await bench.hook('confirm-traffic-increase', asked), `409 ${held}`)
  t.equal(await bench.hook('confirm-promotion', asked), `409 ${held}`)
  t.equal(await bench.hook('rollback', asked), `404 ${held}`)
})

t.test('With on-shift: fail the shift fails the run, and stays', async t => {
  const bench = new BenchTop()
  const metadata = { ...asked, 'on-shift': 'fail' }
  await bench.hook('rollout', metadata)
  // Three intervals: the first tells which classes there are.
  for (let block = 0; block < 8; block += 1) {
    await sendBlock(bench, { canary: { 1: 20 }, primary: { 1: 90 } })
  }
  const failed =
    'fail: prediction-rate: class 1 is 20 % of 700 predictions, primary 10 % of 6300; proved more than 1.5 times the odds of the primary'
  t.equal(await bench.hook('rollback', metadata), `200 ${failed}`)
  for (let block = 0; block < 40; block += 1) {
    await sendBlock(bench, { canary: { 1: 5 }, primary: { 1: 90 } })
  }
  t.equal(await bench.hook('confirm-promotion', metadata), `412 ${failed}`)
})

t.test('The same model passes, and a difference that is within the tolerance does', async t => {
  for (const [canary, primary] of [
    [10, 90],
    [10, 85]
  ] as const) {
    const bench = new BenchTop()
    await bench.hook('rollout', asked)
    for (let block = 0; block < 30; block += 1) {
      await sendBlock(bench, { canary: { 1: canary }, primary: { 1: primary } })
    }
    t.match(
      await bench.hook('confirm-promotion', asked),
      /^200 pass: prediction-rate: class 1 is 10 % of 2900 predictions, primary \d+(\.\d+)? % of 26100; each of 3 classes is proved within 1.5 times the odds of the primary or 0.02 of the predictions$/
    )
  }
})

t.test('A held shift outlives max-analysis, and a failure outweighs it', async t => {
  const bench = new BenchTop()
  const metadata = {
    ...asked,
    'precision.min': '0.9',
    maturity: '0s',
    'max-analysis': '1m',
    'on-inconclusive': 'pass'
  }
  await bench.hook('rollout', metadata)
  for (let block = 0; block < 9; block += 1) {
    await sendBlock(bench, { canary: {}, primary: { 1: 90 } })
  }
  t.match(
    await bench.hook('confirm-promotion', metadata),
    /^409 inconclusive: prediction-rate: .*hold/
  )
  await bench.send('canary', { events: 60, bad: 50 })
  bench.nowMs += 10_000
  await bench.send('canary', { events: 60, bad: 50 })
  t.match(await bench.hook('confirm-promotion', metadata), /^412 fail: precision at most /)
})

t.test('A shift is held although everything else passes', async t => {
  const bench = new BenchTop()
  const metadata = { ...asked, 'error-rate.max': '0.05' }
  await bench.hook('rollout', metadata)
  for (let block = 0; block < 6; block += 1) {
    await sendBlock(bench, { canary: { 1: 60 }, primary: { 1: 90 } })
  }
  t.match(await bench.hook('confirm-promotion', metadata), /^409 inconclusive: prediction-rate: /)
  t.same(bench.verdicts(), [
    'error-rate: pass, 0 of 600',
    'prediction-rate versus primary: inconclusive, 300 of 500'
  ])
})

t.test('Without a shift, other objectives decide: it is not critical', async t => {
  const bench = new BenchTop()
  const metadata = { ...asked, 'error-rate.max': '0.05', 'error-rate.critical': 'true' }
  await bench.hook('rollout', metadata)
  for (let block = 0; block < 4; block += 1) {
    await sendBlock(bench, { canary: { 1: 10 }, primary: { 1: 90 } })
  }
  t.match(await bench.hook('confirm-promotion', metadata), /^200 pass: error rate at most /)
})

t.test('Without predictions of an arm nothing is said', async t => {
  const bench = new BenchTop()
  await bench.hook('rollout', asked)
  t.equal(await bench.hook('confirm-promotion', asked), '409 no-data: no data yet')
  await sendBlock(bench, { canary: { 1: 10 }, primary: { 1: 90 } })
  await bench.hook('rollout', asked)
  t.same(bench.reasons(), ['prediction-rate: no block is compared yet'])
  for (let block = 0; block < 3; block += 1) {
    await bench.analyst.ingest(Array.from({ length: 50 }, () => bench.prediction()))
    bench.nowMs += 10_000
  }
  t.match(
    await bench.hook('confirm-promotion', asked),
    /^409 inconclusive: .*primary none of 0; .*no closed block/
  )
})

t.test('Keys of prediction-rate that cannot be used are refused', async t => {
  const refused = async (metadata: Readonly<Record<string, string>>) =>
    await new BenchTop().hook('rollout', metadata)
  const start = '400 the objectives cannot be used: '
  t.equal(
    await refused({ 'prediction-rate.versus': 'baseline' }),
    `${start}prediction-rate.versus: found "baseline", expected primary`
  )
  t.match(
    await refused({ 'prediction-rate.max': '0.3' }),
    `${start}unknown key "prediction-rate.max"; known: `
  )
  t.equal(
    await refused({ ...asked, 'prediction-rate.tolerance': '1' }),
    `${start}prediction-rate.tolerance: found "1", expected a number between 1 and 100`
  )
  t.equal(
    await refused({ ...asked, 'on-shift': 'pass' }),
    `${start}on-shift: found "pass", expected hold, fail`
  )
  t.equal(
    await refused({ 'prediction-rate.tolerance': '2' }),
    `${start}prediction-rate.tolerance: requires prediction-rate.versus`
  )
  t.match(
    await refused({ ...asked, source: 'prometheus' }),
    'prediction-rate: not judged by source: prometheus, only by events'
  )
  const classes = Array.from({ length: 51 }, (_, at) => `c${at}`).join(',')
  t.equal(
    await refused({ ...asked, classes }),
    `${start}classes: 51 classes are named; prediction-rate compares at most 50`
  )
})
