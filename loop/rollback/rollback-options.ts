import type { OptionTable } from '../../common/options.ts'
import { outputOption, writerOptions } from '../writer-options.ts'

/** The options of `mlgitops rollback`. */
export const rollbackOptions = {
  environment: {
    argument: 'ENV',
    unit: 'name',
    description: 'the environment whose model is rolled back'
  },
  ...writerOptions,
  to: {
    argument: 'COMMIT',
    unit: 'commit',
    description:
      'the commit of the branch whose entry is restored, or the commit that was trained; by default the model before'
  },
  reason: {
    argument: 'TEXT',
    unit: 'text',
    description: 'why, for the commit and its pull request'
  },
  output: outputOption
} as const satisfies OptionTable
