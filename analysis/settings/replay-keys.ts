import type { SettingKey } from './setting-key.ts'
import { durationForm } from './value.ts'

const wholeForm = 'a whole number'

/** The keys of `source: replay`. */
export const replayKeys: readonly SettingKey[] = [
  {
    name: 'replay.url',
    value: 'a URL',
    description:
      "the canary's inference server, without /v1 or /v2; only addresses that the service allows"
  },
  {
    name: 'replay.primary-url',
    value: 'a URL',
    description: "the primary's, for versus: primary; each item is then sent to both"
  },
  {
    name: 'replay.protocol',
    value: 'v1 or v2',
    default: 'v2',
    description: 'V1 ({"instances"}) or the Open Inference Protocol'
  },
  {
    name: 'replay.model',
    value: 'a text',
    default: "the Canary's name",
    description: 'the name of the model in the path'
  },
  {
    name: 'replay.dataset',
    value: 'a file name or a URL',
    description: 'the labelled set: NDJSON, CSV with a header, or a JSON list of objects'
  },
  {
    name: 'replay.label',
    value: 'a text',
    default: 'label',
    description: 'the column or member that holds the label'
  },
  {
    name: 'replay.features',
    value: 'comma-separated names',
    default: 'all but the label',
    description:
      'the columns or members that are sent, in this order; one that is a list is sent as it is'
  },
  {
    name: 'replay.input',
    value: 'a text',
    default: 'input-0',
    description: "V2: the input tensor's name"
  },
  {
    name: 'replay.datatype',
    value: 'a datatype of the Open Inference Protocol',
    default: 'FP64',
    description: "V2: the input tensor's datatype"
  },
  {
    name: 'replay.output',
    value: 'a text',
    default: 'the first output; the whole prediction',
    description: 'V2: the output tensor that predicts; V1: the member of each prediction'
  },
  {
    name: 'replay.classes',
    value: 'comma-separated names',
    default: '0,1,2,...',
    description: 'the classes of a prediction that is a list of scores: the greatest wins'
  },
  {
    name: 'replay.threshold',
    value: 'a number',
    description: 'a prediction that is one score is the positive class from here on'
  },
  {
    name: 'replay.batch',
    value: wholeForm,
    default: '1',
    description: 'items in one request; more than 1 tells no latency of an item'
  },
  {
    name: 'replay.concurrency',
    value: wholeForm,
    default: '4',
    description: 'requests at a time, at most 64'
  },
  {
    name: 'replay.timeout',
    value: durationForm,
    default: '5s',
    description: 'for one request'
  },
  {
    name: 'replay.warmup',
    value: wholeForm,
    default: '5',
    description: 'requests that are sent first and count for nothing'
  },
  {
    name: 'replay.seed',
    value: wholeForm,
    default: '1',
    description: 'of the random order of the items'
  },
  {
    name: 'replay.stop',
    value: 'whole, sure or early',
    default: 'sure',
    description:
      'whole: all items are sent; sure: until the rest cannot turn the verdict; early: until it is proved at alpha or beta'
  },
  {
    name: 'replay.wait',
    value: durationForm,
    default: '5s',
    description: 'how long a hook waits for the end before it says that the replay goes on'
  }
]
