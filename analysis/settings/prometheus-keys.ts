import type { SettingKey } from './setting-key.ts'
import { presetNames } from './prometheus-presets.ts'
import { durationForm } from './value.ts'

const selectorForm = 'a series selector'
const matcherForm = 'label matchers'

/** The keys of `source: prometheus`. */
export const prometheusKeys: readonly SettingKey[] = [
  {
    name: 'prometheus.address',
    value: 'a URL',
    default: "the first --prometheus of the service's command line",
    description: 'where Prometheus answers; only addresses that the service allows'
  },
  {
    name: 'prometheus.preset',
    value: presetNames.join(', '),
    description: 'selectors of a known server; each can be named by itself instead'
  },
  {
    name: 'prometheus.target',
    value: 'a text',
    default: "the Canary's name",
    description: 'what {{ target }} stands for in selectors, beside {{ name }} and {{ namespace }}'
  },
  {
    name: 'prometheus.canary',
    value: matcherForm,
    default: "the preset's, or Flagger's names of pods",
    description: "what selects the canary's series"
  },
  {
    name: 'prometheus.primary',
    value: matcherForm,
    default: "the preset's, or Flagger's names of pods",
    description: "what selects the primary's series"
  },
  {
    name: 'prometheus.requests',
    value: selectorForm,
    description: 'a counter of all requests'
  },
  {
    name: 'prometheus.errors',
    value: selectorForm,
    description: 'a counter of those that failed'
  },
  {
    name: 'prometheus.latency',
    value: selectorForm,
    description: "a histogram's _bucket series"
  },
  {
    name: 'prometheus.unit',
    value: 's or ms',
    default: "the preset's, or s",
    description: "the unit of the histogram's edges"
  },
  ...(['true-positives', 'false-positives', 'false-negatives', 'true-negatives'] as const).map(
    name => ({
      name: `prometheus.${name}`,
      value: selectorForm,
      description: 'a counter of labelled predictions, for precision, recall and accuracy'
    })
  ),
  {
    name: 'prometheus.lag',
    value: durationForm,
    default: '15s',
    description: 'how long after its end a block is read: at least until its last scrape is stored'
  },
  {
    name: 'prometheus.timeout',
    value: durationForm,
    default: '5s',
    description: 'for all that one hook asks Prometheus'
  }
]
