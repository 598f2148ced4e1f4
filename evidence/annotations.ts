/** The annotations that link a manifest to its commit, from the render to the admission. */
export const annotations = {
  /** The rendered commit. */
  gitCommit: 'mlgitops.io/git-commit',
  /** The repository's URL without user and password. */
  gitRepo: 'mlgitops.io/git-repo',
  /** The last commit that changed files of the model other than evidence files. */
  modelCommit: 'mlgitops.io/model-commit',
  /** `"true"` if files differed from the commit. Such an object is never attested. */
  gitDirty: 'mlgitops.io/git-dirty',
  /** The signed statement: a DSSE envelope as compact JSON. */
  attestation: 'mlgitops.io/attestation'
} as const
