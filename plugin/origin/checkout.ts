/** A commit of a repository on this machine. */
export interface Checkout {
  /** The absolute path of the work tree's root. Never for messages. */
  readonly root: string
  /** The commit whose files are rendered: a full commit ID. */
  readonly commit: string
  /** Git's options for this repository, such as `-c safe.directory=*`. */
  readonly settings: readonly string[]
  /** Whether the tree of the commit is of use, to compare it with the index. */
  readonly needsTree?: true
}
