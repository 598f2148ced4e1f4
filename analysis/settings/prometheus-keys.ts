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
    default: 'the first --prometheus of the service',
    description: 'address of Prometheus; the service must allow it'
  },
  {
    name: 'prometheus.preset',
    value: presetNames.join(', '),
    description: 'selectors of a known server; other keys override them'
  },
  {
    name: 'prometheus.target',
    value: 'a string',
    default: "the Canary's name",
    description:
      'value of {{ target }} in selectors, which can also use {{ name }} and {{ namespace }}'
  },
  {
    name: 'prometheus.canary',
    value: matcherForm,
    default: "the preset's, or Flagger's pod names",
    description: "select the canary's series"
  },
  {
    name: 'prometheus.primary',
    value: matcherForm,
    default: "the preset's, or Flagger's pod names",
    description: "select the primary's series"
  },
  {
    name: 'prometheus.requests',
    value: selectorForm,
    description: 'counter of all requests'
  },
  {
    name: 'prometheus.errors',
    value: selectorForm,
    description: 'counter of failed requests'
  },
  {
    name: 'prometheus.latency',
    value: selectorForm,
    description: '_bucket series of a histogram'
  },
  {
    name: 'prometheus.unit',
    value: 's or ms',
    default: "the preset's, or s",
    description: 'unit of the histogram edges'
  },
  ...(['true-positives', 'false-positives', 'false-negatives', 'true-negatives'] as const).map(
    name => ({
      name: `prometheus.${name}`,
      value: selectorForm,
      description: 'counter of labelled predictions, for precision, recall and accuracy'
    })
  ),
  {
    name: 'prometheus.lag',
    value: durationForm,
    default: '15s',
    description:
      'delay after the end of a block before it is read; its last scrape must be stored by then'
  },
  {
    name: 'prometheus.timeout',
    value: durationForm,
    default: '5s',
    description: 'limit for all queries of one hook'
  }
]
