import t from 'tap'
import { Fault } from '../../common/fault.ts'
import { BenchTop } from './bench-top.ts'

const strict = { 'precision.min': '0.95', maturity: '0s' }
const lax = { 'precision.min': '0.7', maturity: '0s' }

/** An analyst whose rollout has a ModelAnalysis that a test changes. */
function withModelAnalysis() {
  let settings: Readonly<Record<string, string>> | Fault | undefined = strict
  const bench = new BenchTop({
    declared: () => {
      if (settings instanceof Fault) throw settings
      return settings && new Map(Object.entries(settings))
    }
  })
  return {
    bench,
    change: (to: typeof settings) => {
      settings = to
    }
  }
}

t.test(
  'a changed ModelAnalysis is taken over by the next hook, with the events so far',
  async t => {
    const { bench, change } = withModelAnalysis()
    for (let block = 0; block < 3; block += 1) {
      await bench.hook('rollout')
      await bench.send('canary', { events: 20, bad: 2 })
      bench.nowMs += 60_000
    }
    t.same(bench.verdicts(), ['precision: inconclusive, 6 of 60'])
    change(lax)
    t.match(await bench.hook('confirm-promotion'), /^200 /)
    t.same(bench.verdicts(), ['precision: pass, 6 of 60'])
    bench.restart()
    t.same(bench.verdicts(), ['precision: pass, 6 of 60'])
    change(strict)
    await bench.hook('rollout')
    t.same(bench.verdicts(), ['precision: inconclusive, 6 of 60'], 'and back')
    t.end()
  }
)

t.test('a failure stays when the objectives change', async t => {
  const { bench, change } = withModelAnalysis()
  await bench.hook('rollout')
  for (let block = 0; block < 3; block += 1) {
    await bench.send('canary', { events: 60, bad: 12 })
    bench.nowMs += 60_000
  }
  t.equal(await bench.status('rollout'), 412)
  change(lax)
  t.equal(await bench.status('rollout'), 412)
  t.equal(await bench.status('rollback'), 200)
  t.end()
})

t.test('a run keeps its objectives while the ModelAnalysis cannot be read, or is gone', async t => {
  const { bench, change } = withModelAnalysis()
  await bench.hook('rollout')
  await bench.send('canary', { events: 20, bad: 2 })
  for (const gone of [new Fault('OBJECTIVES_NOT_READ', 'not read yet'), undefined]) {
    change(gone)
    t.equal(await bench.status('rollout'), 200)
    t.same(bench.verdicts(), ['precision: inconclusive, 2 of 20'])
  }
  t.end()
})

t.test('a set of the metadata is judged with what the ModelAnalysis says now', async t => {
  const { bench, change } = withModelAnalysis()
  const metadata = { 'latency.p99.max': '1s' }
  await bench.hook('rollout', metadata)
  await bench.hook('rollout')
  change(lax)
  await bench.hook('rollout', metadata)
  await bench.hook('rollout')
  await bench.send('canary', { events: 1 })
  t.same(bench.verdicts(), ['precision: inconclusive, 0 of 1', 'latency.p99: inconclusive, 0 of 1'])
  t.end()
})
