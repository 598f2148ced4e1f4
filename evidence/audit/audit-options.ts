import { optionLines } from '../../common/options.ts'

/** The options of `mlgitops audit`. */
export const auditOptions = {
  label: { argument: 'COLUMN', unit: 'name', description: 'what was true' },
  prediction: { argument: 'COLUMN', unit: 'name', description: 'what the model said' },
  sensitive: { argument: 'COLUMN,COLUMN', unit: 'names', description: 'whose groups are compared' },
  intersections: { unit: 'switch', description: 'compare all of these columns taken together too' },
  model: { argument: 'NAME', unit: 'name', description: 'the model that was audited' },
  version: { argument: 'V', unit: 'name', description: 'its version' },
  commit: {
    argument: 'SHA',
    unit: 'commit',
    description: 'the last commit that touched it by more than its evidence'
  },
  'model-digest': {
    argument: 'DIGEST',
    unit: 'digest',
    description:
      'of its files, as mlgitops digest prints it; beside --commit or in its place, for sources without a history'
  },
  auditor: { argument: 'NAME', unit: 'name', description: 'who made the audit' },
  independent: {
    unit: 'switch',
    description: 'the auditor neither built, sells nor uses the model'
  },
  date: {
    argument: 'DATE',
    unit: 'yyyy-mm-dd',
    description: 'yyyy-mm-dd, today where it is not given'
  },
  dataset: {
    argument: 'NAME',
    unit: 'name',
    description: "what the data are called, by the file's name where it is not given"
  },
  historical: {
    unit: 'switch',
    description: "the data come from the model's use, not from a test"
  },
  'minimum-group-size': {
    argument: 'N',
    default: '30',
    unit: 'people',
    description: 'smaller groups are flagged'
  },
  output: {
    argument: 'FORMAT',
    default: 'markdown',
    unit: 'format',
    oneOf: ['markdown', 'json'],
    description: 'markdown or json'
  },
  out: {
    argument: 'FILE',
    unit: 'file',
    description: 'write there, such as models/churn/bias_audit.md'
  }
} as const

/** What `mlgitops audit --help` prints. */
export const auditUsage = `Usage: mlgitops audit FILE --label COLUMN --prediction COLUMN --sensitive COLUMN[,COLUMN] [options]

Makes a bias audit from labelled predictions: CSV with a header, or NDJSON; - is standard input.
Labels and predictions are 0, 1, true or false. Rows without a sensitive value are counted in (missing).

${optionLines(auditOptions)}`
