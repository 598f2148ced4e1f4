/** The options of `mlgitops fn`. */
export const functionOptions = {
  key: {
    argument: 'FILE',
    variable: 'MLGITOPS_SIGNING_KEY_FILE',
    unit: 'file',
    description: 'sign with this key (mlgitops keygen)'
  }
} as const
