/** The annotations that link a manifest to its commit, from the render to the admission. */
export const annotations = {
  /** The rendered commit. */
  gitCommit: 'mlgitops.io/git-commit',
  /** The repository's URL without user and password. */
  gitRepo: 'mlgitops.io/git-repo',
  /** The oldest commit in which the sources of the model have this content; absent if it is not known. */
  modelCommit: 'mlgitops.io/model-commit',
  /** The digest of the model's sources: `sha256:` and 64 hexadecimal digits. */
  modelDigest: 'mlgitops.io/model-digest',
  /** `"true"` if files differed from the commit. Such an object is never attested. */
  gitDirty: 'mlgitops.io/git-dirty',
  /** The signed statement: a DSSE envelope as compact JSON. */
  attestation: 'mlgitops.io/attestation'
} as const
