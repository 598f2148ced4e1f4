import type { SettingKey } from './setting-key.ts'
import { durationForm } from './value.ts'

const ratioForm = 'a ratio between 0 and 1'
const numberForm = 'a number'

/** The keys of every metric, written after its name. */
export const metricKeys: readonly SettingKey[] = [
  {
    name: '<metric>.min',
    value: `${ratioForm}, a number for tokens-per-second`,
    description:
      'the lowest acceptable value: precision, recall, accuracy, f1, auc, score.NAME, and tokens-per-second of half of the requests'
  },
  {
    name: '<metric>.max',
    value: `${ratioForm} for error-rate, ${durationForm} for latency, a number for mae and bias`,
    description:
      'the highest acceptable value: error-rate, latency (also latency.NAME.p95) and mae, and bias to either side'
  },
  {
    name: '<metric>.margin',
    value: `${ratioForm}, a number for mae and bias`,
    default:
      '0.02, of error-cap for mae and bias; 0.01 for error-rate and P99 latencies, 0.05 for P50 and tokens-per-second',
    description:
      'a share of events, or in the unit of a mean: a canary this far beyond the limit must fail; up to there, either verdict is right'
  },
  {
    name: '<metric>.critical',
    value: 'true or false',
    default: 'true for what needs labels and for score.NAME, false for the others',
    description: 'the run passes only when this is proved'
  },
  {
    name: '<metric>.versus',
    value: 'primary or baseline',
    description:
      'another objective: not worse than the primary, or than the baseline in Git; prediction-rate: predictions like those of the primary'
  },
  {
    name: '<metric>.tolerance',
    value: numberForm,
    default: '1.5',
    description:
      'prediction-rate: how many times the odds of a class may differ between canary and primary, either way'
  },
  {
    name: '<metric>.maturity',
    value: durationForm,
    default: 'maturity',
    description: 'maturity of one objective that needs labels or scores'
  },
  {
    name: '<metric>.class',
    value: 'comma-separated names',
    description: 'precision and recall of each of these classes, of which the worst decides'
  }
]

/** The keys of a whole analysis. */
export const analysisKeys: readonly SettingKey[] = [
  {
    name: 'model',
    value: 'a string',
    default: "the Canary's name",
    description: 'name of the model in metrics and on the page; no effect on verdicts'
  },
  {
    name: 'commit',
    value: 'a string',
    description:
      'commit that is rolled out, such as ${GIT_COMMIT}; /v1/verdict?commit= answers for it only'
  },
  {
    name: 'digest',
    value: 'a string',
    description: 'model digest that is rolled out; /v1/verdict?digest= answers for it only'
  },
  {
    name: 'precision.positive',
    value: 'a class',
    default: '1',
    description: 'positive class of precision and recall'
  },
  {
    name: 'output',
    value: 'a string',
    default: 'the first output; the whole prediction',
    description: 'output with the prediction, by its name or its index from 0'
  },
  {
    name: 'threshold',
    value: 'a number',
    description: 'score from which a prediction is the positive class'
  },
  {
    name: 'classes',
    value: 'comma-separated names',
    default: '0, 1, 2 and so on',
    description:
      'classes of a prediction that is an array of scores, in their order; the highest score wins'
  },
  {
    name: 'tolerance',
    value: 'a number, or a percentage such as 5%',
    description:
      'predictions are numbers: one is right this near to its label, in their unit or as a share of the label'
  },
  {
    name: 'error-cap',
    value: numberForm,
    description: 'largest error that counts for mae and bias, which are about errors up to it'
  },
  {
    name: 'alpha',
    value: ratioForm,
    default: '0.01',
    description: 'highest probability of rolling back a canary that meets every objective'
  },
  {
    name: 'beta',
    value: ratioForm,
    default: '0.05',
    description: 'highest probability of promoting a canary that is beyond a margin'
  },
  {
    name: 'block',
    value: durationForm,
    default: "in a cluster the Canary's spec.analysis.interval, at least 10s; otherwise 1m",
    description:
      'length of the blocks in which canary and primary are compared; a run keeps its default'
  },
  {
    name: 'maturity',
    value: durationForm,
    default: '5m; 0s for a label that comes with its prediction',
    description:
      'age at which a prediction counts, with the label that it has by then, so that early labels do not bias the sample; a later label decides nothing; 0s: at once'
  },
  {
    name: 'labels',
    value: 'all or sampled',
    default: 'all',
    description:
      'all: a missing label counts as bad for PASS and as good for FAIL; sampled: only labelled predictions count, and labels must not depend on being right'
  },
  {
    name: 'response-timeout',
    value: durationForm,
    default: '1m',
    description:
      'how long the response to a logged request may take; without one it is an error with an unbounded latency'
  },
  {
    name: 'guards',
    value: 'on or off',
    default: 'on',
    description:
      'with source: events, fail a canary that errs more often than the primary where no error-rate objective is given'
  },
  {
    name: 'warmup',
    value: durationForm,
    default: '0s',
    description: 'first part of a run in which latencies do not count, for canary and primary'
  },
  {
    name: 'min-events',
    value: 'a whole number',
    default: '30',
    description: 'events of the canary that an objective needs before it can FAIL'
  },
  {
    name: 'min-intervals',
    value: 'a whole number',
    default: '2',
    description: 'blocks with events of the canary that are needed before a PASS or FAIL'
  },
  {
    name: 'max-analysis',
    value: durationForm,
    default: '24h',
    description: 'time after which on-inconclusive settles an undecided run'
  },
  {
    name: 'dispersion',
    value: 'on or off',
    default: 'on',
    description: 'correct for bursts of bad events'
  },
  {
    name: 'step-gate',
    value: 'not-fail or pass',
    default: 'not-fail',
    description: 'what confirm-traffic-increase requires'
  },
  {
    name: 'on-inconclusive',
    value: 'fail, pass, hold or pass-if-estimate-ok',
    default: 'fail for a critical objective, pass-if-estimate-ok for another',
    description: 'how an undecided objective is settled after max-analysis'
  },
  {
    name: 'on-shift',
    value: 'hold or fail',
    default: 'hold',
    description:
      'what a proved shift of prediction-rate does: hold keeps confirm-traffic-increase and confirm-promotion shut and rolls nothing back'
  },
  {
    name: 'on-error',
    value: 'pass or fail',
    default: 'fail',
    description: 'whether gates pass or fail while the source is down'
  },
  {
    name: 'source',
    value: 'events, prometheus or replay',
    default: 'events',
    description: 'where events come from'
  }
]
