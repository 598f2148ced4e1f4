import type { SettingKey } from './setting-key.ts'
import { isLatency, metrics } from './metric.ts'
import { durationForm } from './value.ts'

const ratioForm = 'a ratio between 0 and 1'

/** The keys of the baseline from Git, for `versus: baseline`; any source may have them. */
export const baselineKeys: readonly SettingKey[] = [
  ...metrics.map(metric => ({
    name: `baseline.${metric}`,
    value: isLatency(metric) ? durationForm : ratioForm,
    description: 'what was measured and stored in Git'
  })),
  {
    name: 'baseline.events',
    value: 'a whole number',
    description:
      'how many events it was measured on; where they are few, the lower 99 % bound stands for it'
  },
  {
    name: 'baseline.tolerance',
    value: ratioForm,
    default: '0',
    description: 'a share of events: how much worse than the baseline still meets it'
  },
  {
    name: 'baseline.file',
    value: 'a file name',
    description: 'a RegisteredModel or a metrics file (JSON, YAML) that says the above'
  }
]
