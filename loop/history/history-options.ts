import type { OptionTable } from '../../common/options.ts'
import { writerOptions } from '../writer-options.ts'

const { repo, branch, 'token-file': tokenFile } = writerOptions

/** The options of `mlgitops history`. */
export const historyOptions = {
  repo: { ...repo, description: 'the repository that is read' },
  branch: { ...branch, description: 'the branch that is read' },
  'token-file': tokenFile,
  output: {
    argument: 'FORMAT',
    unit: 'format',
    default: 'text',
    oneOf: ['text', 'json'],
    description: 'how the history is printed'
  }
} as const satisfies OptionTable
