import { optionLines } from '../../common/options.ts'
import { renderOptions } from '../../plugin/render-options.ts'
import { checkOptions } from '../../webhook/check/check-options.ts'

const { environment, values, set, revision, namespace } = renderOptions

/** The options of `mlgitops explain`. */
export const explainOptions = {
  environment,
  values,
  set,
  revision,
  'repo-url': renderOptions['repo-url'],
  namespace,
  'app-name': renderOptions['app-name'],
  policies: {
    argument: 'FILE|DIR',
    unit: 'file or folder',
    description:
      'ModelPolicies and PolicyExceptions, in a file or directly in a folder: what they would deny'
  },
  keys: checkOptions.keys,
  key: renderOptions.key,
  'exception-namespace': checkOptions['exception-namespace'],
  output: {
    argument: 'FORMAT',
    default: 'text',
    unit: 'format',
    oneOf: ['text', 'json'],
    description: 'text or json'
  }
} as const

/** What `mlgitops explain --help` prints. */
export const explainUsage = `Usage: mlgitops explain [PATH] [options]

Explains which model an application path (default: this folder) is: its commit, model commit and digest,
what they are made of, what the bias audit covers, how images and model URIs are pinned, and what the
policies would deny. Without --key the objects are judged as if a trusted key had signed them.

${optionLines(explainOptions)}
Exit codes: 0 explained, whatever is denied, 1 invalid input, 2 wrong usage.
`
