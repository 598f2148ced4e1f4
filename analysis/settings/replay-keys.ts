import type { SettingKey } from './setting-key.ts'
import { durationForm } from './value.ts'

const wholeForm = 'a whole number'

/** The keys of `source: replay`. */
export const replayKeys: readonly SettingKey[] = [
  {
    name: 'replay.url',
    value: 'a URL',
    description:
      "the canary's inference server, without /v1 or /v2; the service must allow the address"
  },
  {
    name: 'replay.primary-url',
    value: 'a URL',
    description:
      "the primary's inference server, for versus: primary; each item is then sent to both"
  },
  {
    name: 'replay.protocol',
    value: 'v1 or v2',
    default: 'v2',
    description: 'V1 ({"instances"}) or the Open Inference Protocol'
  },
  {
    name: 'replay.model',
    value: 'a string',
    default: "the Canary's name",
    description: 'name of the model in the path'
  },
  {
    name: 'replay.dataset',
    value: 'a file name or a URL',
    description: 'labelled set: NDJSON, CSV with a header, or a JSON array of objects'
  },
  {
    name: 'replay.label',
    value: 'a string',
    default: 'label',
    description: 'column or field that holds the label'
  },
  {
    name: 'replay.features',
    value: 'comma-separated names',
    default: 'all but the label',
    description: 'columns or fields to send, in this order; a single array is sent as it is'
  },
  {
    name: 'replay.input',
    value: 'a string',
    default: 'input-0',
    description: 'V2: name of the input tensor'
  },
  {
    name: 'replay.datatype',
    value: 'a datatype of the Open Inference Protocol',
    default: 'FP64',
    description: 'V2: datatype of the input tensor'
  },
  {
    name: 'replay.output',
    value: 'a string',
    default: 'output',
    description: 'V2: output tensor with the prediction; V1: field of each prediction'
  },
  {
    name: 'replay.classes',
    value: 'comma-separated names',
    default: 'classes',
    description: 'classes of a prediction that is an array of scores; the highest score wins'
  },
  {
    name: 'replay.threshold',
    value: 'a number',
    default: 'threshold',
    description: 'score from which a prediction that is one score is the positive class'
  },
  {
    name: 'replay.batch',
    value: wholeForm,
    default: '1',
    description: 'items in one request; with more than 1 there is no latency per item'
  },
  {
    name: 'replay.concurrency',
    value: wholeForm,
    default: '4',
    description: 'concurrent requests, at most 64'
  },
  {
    name: 'replay.timeout',
    value: durationForm,
    default: '5s',
    description: 'limit for one request'
  },
  {
    name: 'replay.warmup',
    value: wholeForm,
    default: '5',
    description: 'requests that are sent first and do not count'
  },
  {
    name: 'replay.seed',
    value: wholeForm,
    default: '1',
    description: 'seed of the random order of the items'
  },
  {
    name: 'replay.stop',
    value: 'whole, sure or early',
    default: 'sure',
    description:
      'when to stop. whole: after all items; sure: when the rest cannot change the verdict; early: when it is proved at alpha or beta'
  },
  {
    name: 'replay.wait',
    value: durationForm,
    default: '5s',
    description: 'how long a hook waits for the end before it reports progress'
  }
]
