import type { SettingKey } from './setting-key.ts'
import { limitWord, metrics } from './metric.ts'
import { durationForm } from './value.ts'

const ratioForm = 'a ratio between 0 and 1'

/** What every metric has, written after its name. */
export const metricKeys: readonly SettingKey[] = [
  {
    name: '<metric>.min',
    value: ratioForm,
    description: 'the least value: precision, recall and accuracy'
  },
  {
    name: '<metric>.max',
    value: `${ratioForm} for error-rate, ${durationForm} for latency`,
    description: 'the greatest value: error-rate and latency'
  },
  {
    name: '<metric>.margin',
    value: ratioForm,
    default: '0.02; 0.01 for error-rate and latency.p99, 0.05 for latency.p50',
    description:
      'a share of events: this far beyond the limit, a canary has to fail; up to there, either answer is right'
  },
  {
    name: '<metric>.critical',
    value: 'true or false',
    default: 'true for precision, recall and accuracy, false for the others',
    description: 'the run passes only when this is proved'
  },
  {
    name: '<metric>.versus',
    value: 'primary or baseline',
    description: 'an objective of its own: no worse than the primary, or than the baseline in Git'
  }
]

/** What holds for the whole analysis. */
export const analysisKeys: readonly SettingKey[] = [
  {
    name: 'model',
    value: 'a text',
    default: "the Canary's name",
    description: 'what metrics and the page call the model; changes no verdict'
  },
  {
    name: 'commit',
    value: 'a text',
    description: 'the commit that is rolled out, such as ${GIT_COMMIT}; changes no verdict'
  },
  {
    name: 'precision.positive',
    value: 'a class',
    default: '1',
    description: 'the positive class of precision and recall'
  },
  {
    name: 'alpha',
    value: ratioForm,
    default: '0.01',
    description: 'greatest probability that a canary that meets every objective is rolled back'
  },
  {
    name: 'beta',
    value: ratioForm,
    default: '0.05',
    description: 'greatest probability that a canary beyond a margin is promoted'
  },
  {
    name: 'block',
    value: durationForm,
    default:
      "the Canary's spec.analysis.interval in a cluster, of at least 10s; 1m without a cluster",
    description:
      'length of the blocks in which canary and primary are compared; the default is fixed for a run'
  },
  {
    name: 'maturity',
    value: durationForm,
    default: '5m; 0s for a label that comes with its prediction',
    description:
      'the age at which a labelled prediction counts, so that early labels are no biased sample; 0s: at once'
  },
  {
    name: 'warmup',
    value: durationForm,
    default: '0s',
    description:
      "latencies of this first part of a run do not count, the canary's nor the primary's"
  },
  {
    name: 'min-events',
    value: 'a whole number',
    default: '30',
    description: 'no FAIL before an objective has so many events of the canary'
  },
  {
    name: 'min-intervals',
    value: 'a whole number',
    default: '2',
    description: 'no PASS and no FAIL before so many blocks have events of the canary'
  },
  {
    name: 'max-analysis',
    value: durationForm,
    default: '24h',
    description: 'after this time an undecided run is settled by on-inconclusive'
  },
  {
    name: 'dispersion',
    value: 'on or off',
    default: 'on',
    description: 'correct for bad events that come in bursts'
  },
  {
    name: 'step-gate',
    value: 'not-fail or pass',
    default: 'not-fail',
    description: 'what confirm-traffic-increase demands'
  },
  {
    name: 'on-inconclusive',
    value: 'fail, pass, hold or pass-if-estimate-ok',
    default: 'fail for a critical objective, pass-if-estimate-ok for another',
    description: 'what an undecided objective becomes after max-analysis'
  },
  {
    name: 'on-error',
    value: 'pass or fail',
    default: 'fail',
    description: 'whether a gate opens while its source is down'
  },
  {
    name: 'source',
    value: 'events, prometheus or replay',
    default: 'events',
    description: 'where the events come from'
  }
]

/** Whole names of the keys of metrics: `precision.min`, not `precision.max`. */
export const metricKeyNames: ReadonlySet<string> = new Set(
  metrics.flatMap(metric =>
    [limitWord(metric), 'margin', 'critical', 'versus'].map(word => `${metric}.${word}`)
  )
)
