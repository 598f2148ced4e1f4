import { outputFormats } from './output.ts'
import { signingOptions } from './signer/signing-options.ts'

/** The options of `mlgitops render`. */
export const renderOptions = {
  environment: {
    argument: 'NAME',
    unit: 'name',
    description: 'an environment: a file configs/NAME.yaml, or a name in mlgitops.yaml'
  },
  values: {
    argument: 'FILE',
    isRepeated: true,
    unit: 'file',
    description: "an additional value file, overrides the repository's"
  },
  set: {
    argument: 'a.b=value',
    isRepeated: true,
    unit: 'name and value',
    description: 'one value, overrides everything else'
  },
  revision: {
    argument: 'SHA',
    unit: 'commit',
    description: 'the commit; in a work tree it must be HEAD'
  },
  'repo-url': {
    argument: 'URL',
    unit: 'URL',
    description: 'the repository URL, instead of the remote "origin"'
  },
  namespace: { argument: 'NS', unit: 'name', description: 'the destination namespace' },
  'app-name': {
    argument: 'NAME',
    unit: 'name',
    description: "the application's name, instead of the last part of PATH"
  },
  ...signingOptions,
  output: {
    argument: 'FORMAT',
    default: 'yaml',
    oneOf: outputFormats,
    unit: outputFormats.join(' or '),
    description: 'yaml documents, or json: one v1 List'
  }
} as const

/** The options of `mlgitops keygen`. */
export const keygenOptions = {
  'out-dir': {
    argument: 'DIR',
    unit: 'folder',
    description: 'the folder for the two files; created if it does not exist'
  },
  'not-after': {
    argument: 'TIME',
    unit: 'time',
    description:
      'the time until which the key is trusted, such as 2027-01-31T00:00:00Z, written into signing.pub (default: none)'
  }
} as const
