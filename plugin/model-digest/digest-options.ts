/** The options of `mlgitops digest`. */
export const digestOptions = {
  flux: {
    unit: 'switch',
    description:
      "of what Flux's source-controller fetches: without what .sourceignore, or else its own list, leaves out (.gitignore, *.png, *.zip and others), and without links"
  }
} as const
