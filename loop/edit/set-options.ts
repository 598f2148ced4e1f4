import type { OptionTable } from '../../common/options.ts'

/** The options of `mlgitops set` and `mlgitops set-image`. */
export const setOptions = {
  commit: {
    argument: 'MESSAGE',
    unit: 'text',
    description: 'commit the edited files, and nothing else, with this message'
  }
} as const satisfies OptionTable
