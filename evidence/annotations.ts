/** The annotations that carry the thread from a commit to a manifest and on to its admission. */
export const annotations = {
  /** The rendered commit. */
  gitCommit: 'mlgitops.io/git-commit',
  /** The repository's URL without user and password. */
  gitRepo: 'mlgitops.io/git-repo',
  /** The last commit that touched the model by more than its evidence. */
  modelCommit: 'mlgitops.io/model-commit',
  /** `"true"` where files differed from the commit; such an object is never attested. */
  gitDirty: 'mlgitops.io/git-dirty',
  /** The signed statement: a DSSE envelope as compact JSON. */
  attestation: 'mlgitops.io/attestation'
} as const
