import type { SettingKey } from './setting-key.ts'
import { isLatency, metrics } from './metric.ts'
import type { Metric } from './metric.ts'
import { wordsOf } from './metric-keys.ts'
import { durationForm } from './value.ts'

const ratioForm = 'a ratio between 0 and 1'

/** The metrics that a baseline can have. */
export const baselineMetrics: readonly Metric[] = metrics.filter(metric =>
  wordsOf(metric).includes('versus')
)

/** The keys of the baseline from Git, for `versus: baseline` with any source. */
export const baselineKeys: readonly SettingKey[] = [
  ...baselineMetrics.map(metric => ({
    name: `baseline.${metric}`,
    value: isLatency(metric) ? durationForm : ratioForm,
    description: 'measured value that is stored in Git'
  })),
  {
    name: 'baseline.events',
    value: 'a whole number',
    description: 'number of events that it was measured on; with few, its lower 99 % bound is used'
  },
  {
    name: 'baseline.tolerance',
    value: ratioForm,
    default: '0',
    description: 'a share of events: how much worse than the baseline is acceptable'
  },
  {
    name: 'baseline.file',
    value: 'a file name',
    description: 'RegisteredModel or metrics file (JSON, YAML) with these values'
  }
]
