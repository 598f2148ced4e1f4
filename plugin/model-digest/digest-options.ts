/** The options of `mlgitops digest`. */
export const digestOptions = {
  list: {
    unit: 'switch',
    description: 'print the list that is digested: its SHA-256 is the digest'
  },
  flux: {
    unit: 'switch',
    description:
      "digest the files that Flux's source-controller fetches: without links and without what .sourceignore excludes (by default .gitignore, *.png, *.zip and others)"
  }
} as const
