export type ObjectKind = 'commit' | 'tree' | 'blob' | 'tag'

/** An object of Git. Its hash is not verified: Git does not verify objects either when it reads a history. */
export interface StoredObject {
  readonly kind: ObjectKind
  readonly bytes: Buffer
}

/** Commits and trees are small. Larger objects are left to Git. */
export const maxObjectBytes = 256 * 1024
