import { optionLines } from '../../common/options.ts'

/** The options of `mlgitops audit`. */
export const auditOptions = {
  label: { argument: 'COLUMN', unit: 'name', description: 'column of the true class' },
  prediction: { argument: 'COLUMN', unit: 'name', description: 'column of the predicted class' },
  sensitive: {
    argument: 'COLUMN,COLUMN',
    unit: 'names',
    description: 'columns whose groups are compared'
  },
  intersections: { unit: 'switch', description: 'also compare all of these columns together' },
  path: {
    argument: 'DIR',
    unit: 'folder',
    description:
      "the application path of the audited model: the audit names the model's digest, what it serves and, without --model and --version, its name and the digest's first 12 digits"
  },
  artifact: {
    argument: 'URI',
    isRepeated: true,
    unit: 'uri',
    description: 'an audited model or image; with --path instead of what the path serves'
  },
  model: { argument: 'NAME', unit: 'name', description: 'the audited model' },
  version: { argument: 'V', unit: 'name', description: "the model's version" },
  commit: {
    argument: 'SHA',
    unit: 'commit',
    description: 'the oldest commit in which the sources of the model have the audited content'
  },
  'model-digest': {
    argument: 'DIGEST',
    unit: 'digest',
    description: 'digest of its sources, as mlgitops digest prints it; --path computes it'
  },
  auditor: {
    argument: 'NAME',
    unit: 'name',
    description: 'the person or company that made the audit'
  },
  independent: {
    unit: 'switch',
    description: 'the auditor neither built, sells nor uses the model'
  },
  date: {
    argument: 'DATE',
    unit: 'yyyy-mm-dd',
    description: 'date of the audit, yyyy-mm-dd; default today'
  },
  dataset: {
    argument: 'NAME',
    unit: 'name',
    description: "name of the data; default the file's name"
  },
  historical: {
    unit: 'switch',
    description: 'the data come from use of the model, not from a test'
  },
  'minimum-group-size': {
    argument: 'N',
    default: '30',
    unit: 'people',
    description: 'groups smaller than this are flagged'
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
    description: 'output file, such as models/churn/bias_audit.md'
  }
} as const

/** What `mlgitops audit --help` prints. */
export const auditUsage = `Usage: mlgitops audit FILE --label COLUMN --prediction COLUMN --sensitive COLUMN[,COLUMN] [options]

Computes a bias audit from labelled predictions: CSV with a header, or NDJSON. - reads standard input.
Labels and predictions are 0, 1, true or false. Rows without a sensitive value are counted in (missing).

${optionLines(auditOptions)}`
