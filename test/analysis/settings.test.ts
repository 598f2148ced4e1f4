import t from 'tap'
import { Fault } from '../../common/fault.ts'
import { digestOf } from '../../analysis/settings/digest.ts'
import { readAnalysis } from '../../analysis/settings/read-analysis.ts'
import { durationMs, ratio, wholeNumber } from '../../analysis/settings/value.ts'

const read = (values: Readonly<Record<string, string>>) =>
  readAnalysis(new Map(Object.entries(values)))

function refusal(values: Readonly<Record<string, string>>): string {
  try {
    read(values)
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message}`
    throw error
  }
  return 'not refused'
}

t.test('Settings that are not given have the documented defaults', t => {
  t.same(read({ 'precision.min': '0.92' }), {
    objectives: [
      {
        metric: 'precision',
        margin: 0.02,
        isMarginGiven: false,
        isGuard: false,
        critical: true,
        expectedBadRatio: 0.08,
        reference: { kind: 'limit', badRatio: 0.08 }
      }
    ],
    guards: [
      {
        metric: 'error-rate',
        margin: 0.01,
        isMarginGiven: false,
        isGuard: true,
        critical: false,
        expectedBadRatio: undefined,
        reference: { kind: 'primary' }
      }
    ],
    model: undefined,
    commit: undefined,
    positive: '1',
    output: undefined,
    threshold: undefined,
    classes: undefined,
    alpha: 0.01,
    beta: 0.05,
    blockMs: 60_000,
    maturityMs: undefined,
    labels: 'all',
    responseTimeoutMs: 60_000,
    warmupMs: 0,
    minEvents: 30,
    minIntervals: 2,
    maxAnalysisMs: 86_400_000,
    isDispersionCorrected: true,
    stepGate: 'not-fail',
    onInconclusive: undefined,
    onError: 'fail',
    onShift: 'hold',
    source: 'events',
    prometheus: undefined,
    replay: undefined
  })
  t.end()
})

t.test('Every metric has a limit, a margin and a default for critical', t => {
  const { objectives } = read({
    'precision.min': '0.9',
    'recall.min': '0.8',
    'accuracy.min': '0.95',
    'accuracy.critical': 'false',
    'error-rate.max': '0.01',
    'latency.p50.max': '20ms',
    'latency.p90.max': '0.1s',
    'latency.p95.max': '1m30s',
    'latency.p99.max': '1h',
    'latency.p99.margin': '0.005'
  })
  t.same(
    objectives.map(({ metric, reference, margin, critical }) => ({
      metric,
      reference,
      margin,
      critical
    })),
    [
      ['precision', { kind: 'limit', badRatio: 0.1 }, 0.02, true],
      ['recall', { kind: 'limit', badRatio: 0.2 }, 0.02, true],
      ['accuracy', { kind: 'limit', badRatio: 0.05 }, 0.02, false],
      ['error-rate', { kind: 'limit', badRatio: 0.01 }, 0.01, false],
      ['latency.p50', { kind: 'limit', badRatio: 0.5, thresholdMs: 20 }, 0.05, false],
      ['latency.p90', { kind: 'limit', badRatio: 0.1, thresholdMs: 100 }, 0.02, false],
      ['latency.p95', { kind: 'limit', badRatio: 0.05, thresholdMs: 90_000 }, 0.02, false],
      ['latency.p99', { kind: 'limit', badRatio: 0.01, thresholdMs: 3_600_000 }, 0.005, false]
    ].map(([metric, reference, margin, critical]) => ({ metric, reference, margin, critical }))
  )
  t.end()
})

t.test('A comparison with the primary is a separate objective', t => {
  const named = (values: Readonly<Record<string, string>>) =>
    read(values).objectives.map(({ reference, isMarginGiven }) => [reference.kind, isMarginGiven])
  t.same(named({ 'precision.versus': 'primary' }), [['primary', false]])
  t.same(named({ 'precision.min': '0.9', 'precision.versus': 'primary' }), [
    ['limit', false],
    ['primary', false]
  ])
  t.same(named({ 'precision.versus': 'primary', 'precision.margin': '0.03' }), [['primary', true]])
  t.end()
})

t.test('All invalid values are reported together, each with its expected form', t => {
  t.equal(
    refusal({ 'precision.min': '92%', 'latency.p99.max': '100', alpha: '1', 'min-events': '-1' }),
    'OBJECTIVES_INVALID: the objectives cannot be used: ' +
      'precision.min: found "92%", expected a ratio between 0 and 1; ' +
      'latency.p99.max: found "100", expected a Go duration, such as 100ms, 30s or 1h30m; ' +
      'alpha: found "1", expected a ratio between 0 and 1; ' +
      'min-events: found "-1", expected a whole number from 0 to 1000000000'
  )
  t.end()
})

t.test('An unknown key is refused with the known keys, in less than 1 kB', t => {
  const text = refusal({ 'precison.min': '0.92', 'latency.p99.min': '1ms', cmd: 'rm -rf /' })
  t.equal(
    text,
    'OBJECTIVES_INVALID: the objectives cannot be used: ' +
      'unknown key "precison.min", "latency.p99.min", "cmd" ' +
      '(did you mean precision.min, latency.p99.max?); known: <metric>.min, <metric>.max, ' +
      '<metric>.margin, <metric>.critical, <metric>.versus, <metric>.tolerance, <metric>.maturity, <metric>.class, model, commit, digest, precision.positive, ' +
      'output, threshold, classes, tolerance, error-cap, alpha, ' +
      'beta, block, maturity, labels, response-timeout, guards, warmup, min-events, min-intervals, max-analysis, dispersion, step-gate, ' +
      'on-inconclusive, on-shift, on-error, source, prometheus.*, replay.*, baseline.*; ' +
      'metrics: precision, recall, accuracy, f1, auc, mae, bias, error-rate, prediction-rate, ' +
      'latency.p50, latency.p90, latency.p95, latency.p99, tokens-per-second, latency.NAME.p99, score.NAME'
  )
  const long = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`${'x'.repeat(90)}${index}`, 'y'.repeat(500)])
  )
  t.ok(refusal(long).length < 1_000)
  t.end()
})

t.test('Keys without an objective, and settings without one, are refused', t => {
  t.equal(
    refusal({ 'precision.margin': '0.1' }),
    'OBJECTIVES_INVALID: the objectives cannot be used: precision.margin: requires precision.min or precision.versus'
  )
  t.equal(
    refusal({ alpha: '0.05' }),
    'OBJECTIVES_INVALID: the objectives cannot be used: no objective is given, such as precision.min, latency.p99.max or precision.versus'
  )
  t.equal(
    refusal({ 'precision.min': '0.01', 'precision.margin': '0.02' }),
    'OBJECTIVES_INVALID: the objectives cannot be used: precision.margin: limit plus margin must be below 1'
  )
  for (const key of ['__proto__', 'constructor', 'toString', '']) {
    t.match(
      refusal({
        'precision.min': '0.9',
        ...(JSON.parse(`{"${key}":"1"}`) as Record<string, string>)
      }),
      /unknown key/
    )
  }
  t.end()
})

t.test('Durations are Go durations', t => {
  const read = durationMs(0, 1e12)
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['100ms', 100],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['.5s', 500],
    ['0', 0],
    ['0s', 0],
    ['250us', 0.25],
    ['250µs', 0.25],
    ['1m0.5s', 60_500],
    ['', undefined],
    ['5', undefined],
    ['-1s', undefined],
    ['1 s', undefined],
    ['1d', undefined],
    ['s', undefined],
    ['1s2', undefined],
    [`${'1'.repeat(50)}s`, undefined]
  ]
  for (const [text, ms] of cases) {
    const reading = read(text)
    t.equal('value' in reading ? reading.value : undefined, ms, text)
  }
  t.same(durationMs(10, 20)('5ms'), {
    expected: 'a Go duration, such as 100ms, 30s or 1h30m, from 10 ms to 20 ms'
  })
  t.end()
})

t.test('Ratios and whole numbers are decimal and bounded', t => {
  for (const text of ['0', '1', '-0.5', 'NaN', 'Infinity', '0x1', '0,5', '', ' 0.5', '1e400']) {
    t.notOk('value' in ratio(0, 1)(text), text)
  }
  t.same(ratio(0, 1)('1e-3'), { value: 0.001 })
  for (const text of ['', '1.0', '+1', '1e3', '11'])
    t.notOk('value' in wholeNumber(0, 10)(text), text)
  t.end()
})

t.test('A digest covers what decides verdicts, in any order', t => {
  const a = new Map([
    ['precision.min', '0.9'],
    ['alpha', '0.05'],
    ['commit', 'abc']
  ])
  const b = new Map([
    ['alpha', '0.05'],
    ['precision.min', '0.9'],
    ['commit', 'def']
  ])
  t.equal(digestOf(a), digestOf(b))
  t.not(digestOf(a), digestOf(new Map([...a, ['alpha', '0.06']])))
  t.end()
})
