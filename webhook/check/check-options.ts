import { optionLines } from '../../common/options.ts'

/** The options of `mlgitops check`. */
export const checkOptions = {
  policies: {
    argument: 'DIR',
    unit: 'folder',
    description: 'files of ModelPolicies and PolicyExceptions'
  },
  keys: {
    argument: 'FILE|DIR',
    isRepeated: true,
    unit: 'file or folder',
    description: 'a public key that is trusted (mlgitops keygen), or a folder of *.pub'
  },
  'exception-namespace': {
    argument: 'NS',
    isRepeated: true,
    unit: 'name',
    description: 'exceptions of this namespace count'
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
export const checkUsage = `Usage: mlgitops check [FILE|DIR|-]... --policies DIR [options]
       mlgitops check --test DIR

Judges manifests as the admission webhook would, without a cluster.

${optionLines(checkOptions)}
Exit codes: 0 nothing is denied, 1 something is (or the input has a fault), 2 wrong usage.
`
