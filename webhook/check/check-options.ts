import { optionLines } from '../../common/options.ts'

/** The options of `mlgitops check`. */
export const checkOptions = {
  policies: {
    argument: 'FILE|DIR',
    isRepeated: true,
    unit: 'file or folder',
    description: 'ModelPolicies and PolicyExceptions, in a file or directly in a folder'
  },
  keys: {
    argument: 'FILE|DIR',
    isRepeated: true,
    unit: 'file or folder',
    description: 'a trusted public key (docs/keys.md), or a folder of *.pub files'
  },
  'exception-namespace': {
    argument: 'NS',
    isRepeated: true,
    unit: 'name',
    description: 'a namespace whose PolicyExceptions are accepted'
  },
  output: {
    argument: 'FORMAT',
    default: 'text',
    unit: 'format',
    oneOf: ['text', 'json', 'sarif', 'junit'],
    description: 'text, json, sarif or junit'
  },
  test: {
    argument: 'DIR',
    unit: 'folder',
    description: 'run the policy tests below DIR (folders with mlgitops-test.yaml)'
  }
} as const

/** What `mlgitops check --help` prints. */
export const checkUsage = `Usage: mlgitops check [FILE|DIR|-]... --policies FILE|DIR [options]
       mlgitops check [FILE|DIR|-]... [options]
       mlgitops check --test DIR

Judges manifests as the admission webhook would, without a cluster. Canaries, ModelAnalyses and
AnalysisTemplates are read as Flagger, Argo Rollouts and the analysis will, without policies too.

${optionLines(checkOptions)}
Exit codes: 0 nothing is denied, 1 an object is denied or the input is invalid, 2 wrong usage.
`
