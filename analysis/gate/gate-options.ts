import { optionLines } from '../../common/options.ts'

/** The options of `mlgitops gate`. */
export const gateOptions = {
  predictions: {
    argument: 'FILE',
    unit: 'file',
    description: 'predictions of the model: CSV with a header, or NDJSON'
  },
  label: { argument: 'COLUMN', unit: 'name', description: 'column of the true class or value' },
  prediction: {
    argument: 'COLUMN',
    unit: 'name',
    description: 'column of the prediction; an empty one is an error of the model'
  },
  score: { argument: 'COLUMN', unit: 'name', description: 'column of the score, for auc.min' },
  latency: {
    argument: 'COLUMN',
    unit: 'name',
    description: 'column of the latency in milliseconds'
  },
  cluster: {
    argument: 'COLUMN',
    unit: 'name',
    description: 'column of what rows that depend on one another have in common, such as the user'
  },
  objective: {
    argument: 'KEY=VALUE',
    isRepeated: true,
    unit: 'setting',
    description: 'an objective setting, as in the metadata of a hook (docs/notation.md)'
  },
  baseline: {
    argument: 'FILE',
    unit: 'file',
    description: 'RegisteredModel or metrics file that the model is compared with'
  },
  against: {
    argument: 'FILE',
    unit: 'file',
    description: "another model's predictions of the same rows in the same order, compared in pairs"
  },
  output: {
    argument: 'FORMAT',
    default: 'text',
    unit: 'format',
    oneOf: ['text', 'json', 'junit', 'markdown'],
    description: 'text, json, junit or markdown'
  }
} as const

/** What `mlgitops gate --help` prints. */
export const gateUsage = `Usage: mlgitops gate --predictions FILE --label COLUMN --prediction COLUMN --objective KEY=VALUE... [options]

Judges a model once, by labelled predictions of a finished file. Objectives are those of the analysis webhook;
intervals are for one look at a file of fixed size.

${optionLines(gateOptions)}
Exit codes: 0 pass, 1 fail, 3 undecided, 2 wrong usage or input that cannot be used.
`
