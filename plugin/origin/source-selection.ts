/** What a model is made of, as Git's history needs it. Tree paths have `/` and are relative to the root. */
export interface SourceSelection {
  /** Literal tree paths of files or folders outside of which there is no source; `.` for everything. */
  readonly roots: readonly string[]
  /** Decides by the path alone, or says that the content decides: a manifest that may run nothing. */
  decide(treePath: string): 'source' | 'other' | 'by-content'
  /**
   * Whether a source can be below a folder. A submodule for which this is true is a source as a whole: the
   * history knows only its commit.
   */
  reaches(folder: string): boolean
  /** Decides a `by-content` file. */
  isSource(treePath: string, bytes: Buffer): boolean
  /** The values that are part of the model; undefined if the project declares none. */
  readonly values: ModelValues | undefined
}

/** The values that are part of a model. */
export interface ModelValues {
  /** The tree paths of the value files that apply without an environment, whether they exist or not. */
  readonly files: readonly string[]
  /**
   * The canonical text of the values at a commit. It never throws: files that cannot be read as values
   * give a text that no valid files give.
   *
   * @param read returns the content of one of the files, undefined if the commit does not have it
   */
  key(read: (treePath: string) => Buffer | undefined): string
}

/**
 * The oldest commit with the content that a model has now. Unknown in a shallow clone, in a partial clone
 * that lacks what the answer needs, and without Git data.
 */
export type ModelCommit =
  | { readonly kind: 'known'; readonly commit: string }
  | { readonly kind: 'unknown'; readonly reason: 'shallow' | 'partial' | 'no-history' }

/** What a history says about a tag that looks like a commit. */
export interface CommitPin {
  readonly tag: string
  /** The whole commit ID; undefined for an unknown or ambiguous one. */
  readonly commit: string | undefined
  /** Whether it is known to be an ancestor of the rendered commit, or that commit. */
  readonly isAncestor: boolean
  /** Whether the model's sources at that commit are known to be those of the rendered commit. */
  readonly hasSameSources: boolean
}

/** What Git's history says about a model at a commit. */
export interface ContentHistory {
  readonly modelCommit: ModelCommit
  /** Looks up a whole commit ID, or its first 7 or more digits. */
  readonly pinOf: (tag: string) => CommitPin
  /** When the commit was committed: RFC 3339, in UTC; undefined where that is not known. */
  readonly committedAt: () => Promise<string | undefined>
  /** The object ID of the commit's tree, if it was asked for. */
  readonly tree?: string
}
