import type { Option, OptionTable } from '../common/options.ts'

/** The options of commands that write to a repository. */
export const writerOptions = {
  repo: {
    argument: 'URL|DIR',
    unit: 'address',
    description:
      'the repository that is pushed to: an https or ssh address, a bare repository, or a work tree with another branch checked out'
  },
  branch: {
    argument: 'NAME',
    unit: 'branch',
    default: 'main',
    description: 'the branch that is read and written'
  },
  author: {
    argument: 'NAME <MAIL>',
    unit: 'person',
    default: 'mlgitops <mlgitops@localhost>',
    description: 'who the commit names as its author and committer'
  },
  'token-file': {
    argument: 'FILE',
    unit: 'file',
    description:
      "a file with a token for the https address; by default git's own credentials are used"
  },
  'signing-key': {
    argument: 'FILE',
    unit: 'file',
    description: 'a private key of SSH that signs the commit'
  }
} as const satisfies OptionTable

/** How a title and a body for a pull request are printed. */
export const outputOption = {
  argument: 'FORMAT',
  unit: 'format',
  default: 'markdown',
  oneOf: ['markdown', 'json'],
  description: 'how title and body are printed'
} as const satisfies Option
