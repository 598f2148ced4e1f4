import type { OptionTable } from '../../common/options.ts'
import { outputOption, writerOptions } from '../writer-options.ts'

/** The options of `mlgitops promote`. */
export const promoteOptions = {
  to: { argument: 'ENV', unit: 'name', description: 'the environment that gets the model' },
  from: {
    argument: 'ENV',
    unit: 'name',
    default: 'staging',
    description: 'the environment whose entry is copied'
  },
  ...writerOptions,
  check: {
    unit: 'switch',
    description:
      "refuse a model digest whose last verdict in the source environment's ledger is no pass"
  },
  'no-artifact-check': { unit: 'switch', description: 'do not read the artifact' },
  output: outputOption
} as const satisfies OptionTable
