import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { readBaselineFile } from '../../analysis/baseline/baseline-file.ts'
import { readAnalysis } from '../../analysis/settings/read-analysis.ts'
import { noSources } from '../../analysis/source/source-rules.ts'
import { Fault } from '../../common/fault.ts'
import { BenchTop } from './bench-top.ts'

const badRatio = (values: Readonly<Record<string, string>>) => {
  const { objectives } = readAnalysis(new Map(Object.entries(values)))
  return objectives.map(({ reference }) =>
    reference.kind === 'baseline' ? [reference.badRatio, reference.thresholdMs] : reference.kind
  )
}

t.test('The limit from a baseline is the measured value less the tolerance', t => {
  const versus = { 'precision.versus': 'baseline', 'baseline.precision': '0.94' }
  t.same(badRatio(versus), [[0.06, undefined]])
  t.same(badRatio({ ...versus, 'baseline.tolerance': '0.01' }), [[0.07, undefined]])
  t.same(badRatio({ ...versus, 'baseline.events': '100000' }), [[0.06, undefined]])
  t.same(
    badRatio({ ...versus, 'baseline.events': '1000' }),
    [[0.0799524215767, undefined]],
    "a small one's lower bound: Wilson at 99 %, one-sided, of 940 of 1,000"
  )
  t.same(badRatio({ 'latency.p99.versus': 'baseline', 'baseline.latency.p99': '85ms' }), [
    [0.01, 85]
  ])
  t.same(badRatio({ 'error-rate.versus': 'baseline', 'baseline.error-rate': '0.02' }), [
    [0.02, undefined]
  ])
  t.end()
})

t.test('A baseline file is a RegisteredModel or a metrics file of DVC', t => {
  const model = `
apiVersion: mlgitops.io/v1alpha1
kind: RegisteredModel
metadata: { name: churn }
spec:
  metrics:
    dataset: { name: holdout, rows: 20000 }
    precision: 0.94
    recall: 0.81
    latencyMs: { p99: 85 }
`
  t.same(Object.fromEntries(readBaselineFile(model, 'm.yaml')), {
    'baseline.precision': '0.94',
    'baseline.recall': '0.81',
    'baseline.latency.p99': '85ms',
    'baseline.events': '20000'
  })
  t.same(
    Object.fromEntries(
      readBaselineFile('{"eval": {"test": {"accuracy": 0.9, "samples": 500, "brier": 0.97}}}', 'm')
    ),
    { 'baseline.accuracy': '0.9', 'baseline.events': '500' }
  )
  const refusal = (text: string) => {
    try {
      return readBaselineFile(text, 'm.json')
    } catch (error) {
      return error instanceof Fault ? error.message : error
    }
  }
  t.equal(refusal('{"brier": 0.9}'), 'm.json: there are no metrics')
  t.equal(
    refusal('{"train": {"accuracy": 1}, "test": {"accuracy": 0.9}}'),
    'm.json: there are 2 sets of metrics'
  )
  t.end()
})

t.test('The baseline file is read once for a run, from the folder of the namespace', async t => {
  const files = t.testdir()
  mkdirSync(path.join(files, 'ml'))
  mkdirSync(path.join(files, 'other'))
  const file = path.join(files, 'ml', 'metrics.json')
  writeFileSync(file, '{"accuracy": 0.8}')
  writeFileSync(path.join(files, 'other', 'secret.json'), '{"accuracy": 0.5}')
  symlinkSync(path.join(files, 'other', 'secret.json'), path.join(files, 'ml', 'link.json'))
  const sources = { ...noSources, files: { folder: files, isLocal: false } }
  const bench = new BenchTop({ sources })
  const ask = (name: string, more = {}) =>
    bench.hook('confirm-promotion', {
      'accuracy.versus': 'baseline',
      'baseline.file': name,
      maturity: '0s',
      'min-intervals': '1',
      ...more
    })
  t.equal(await ask('metrics.json'), '409 no-data: no data yet')
  await bench.send('canary', { events: 400, bad: 80 })
  const undecided =
    "409 inconclusive: accuracy between 0.733 and 0.867; the baseline's limit 0.8 - margin 0.02; estimate 0.8 of 400 events; evidence 0 % of the way to FAIL, 0 % to PASS, about 3371 more events needed"
  t.equal(await ask('metrics.json'), undecided)
  t.match(
    await ask('metrics.json', { 'baseline.accuracy': '0.6' }),
    /^200 pass: accuracy at least 0\.731; the baseline's limit 0\.6 - margin 0\.02; /
  )
  t.equal(await ask('metrics.json'), undecided, 'others of the run are not mixed up with it')
  writeFileSync(file, '{"accuracy": 0.2}')
  t.equal(await ask('metrics.json'), undecided, 'what the file says later counts from the next run')
  writeFileSync(file, 'no metrics')
  bench.restart()
  t.equal(await ask('metrics.json'), undecided)
  t.match(
    await ask('metrics.json', { 'baseline.tolerance': '0.1' }),
    '400 the objectives cannot be used: ',
    'other objectives are read anew'
  )
  await bench.send('canary', { events: 400, bad: 400 })
  t.match(
    await ask('metrics.json'),
    /^412 fail: accuracy at most 0\.464; the baseline's limit 0\.8, margin 0\.02; estimate 0\.4 of 800 events$/
  )
  writeFileSync(file, '{"accuracy": 0.8}')

  const refused = '400 the objectives cannot be used:'
  t.equal(
    await ask('../other/secret.json'),
    `${refused} baseline.file: the file is outside the folder of ml`
  )
  t.equal(await ask('link.json'), `${refused} baseline.file: the file is outside the folder of ml`)
  t.equal(await ask('none.json'), `${refused} baseline.file: the file cannot be read (ENOENT)`)
  t.equal(
    await ask('metrics.json', { 'precision.versus': 'baseline' }),
    `${refused} precision.versus: baseline.precision is missing, in baseline.file too`
  )
  const none = new BenchTop()
  t.equal(
    await none.hook('rollout', { 'accuracy.versus': 'baseline', 'baseline.file': 'metrics.json' }),
    `${refused} baseline.file: the service has no folder for files (--files DIR)`
  )
})
