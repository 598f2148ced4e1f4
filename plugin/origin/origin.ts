import type { RenderContext } from '../context.ts'
import type { Reach } from '../repository/reach.ts'
import type { Assignment } from '../values/assignment.ts'
import type { ContentHistory, SourceSelection } from './source-selection.ts'

/** The inputs of a render from outside the repository's files. */
export interface Origin {
  /** The absolute path of the repository's root. Never for messages. */
  readonly root: string
  readonly context: Omit<
    RenderContext,
    'committedAt' | 'environment' | 'isDirty' | 'modelCommit' | 'modelDigest'
  >
  /** The requested environment. */
  readonly environment: string | undefined
  /** Values set by name; later ones override earlier ones. */
  readonly assignments: readonly Assignment[]
  /** Facts from Git that depend on the files. */
  readonly history: History
}

/** Facts from Git about the files of a render. */
export interface History {
  /**
   * Reads what the history says about the content of a model.
   *
   * @throws {Fault} `GIT_*`
   */
  contentHistory(selection: SourceSelection): Promise<ContentHistory>
  /**
   * The files below `roots` that Git tracks or would add, by tree path, including deleted ones; undefined
   * without a work tree, where all files count.
   *
   * @param isWanted whether a file matters; others may be omitted
   * @throws {Fault} `GIT_FAILED`, `FILE_NOT_CHECKED_OUT` for a file that a sparse checkout leaves out
   */
  filesOf(
    roots: readonly string[],
    isWanted: (file: string) => boolean
  ): Promise<readonly string[] | undefined>
  /** Compares the files that a render reached with the commit. */
  changes(reach: Reach): Promise<Changes>
}

/** Whether the files of a render are those of the commit. */
export type Changes =
  | { readonly kind: 'none' }
  /** Tree paths that differ, or could differ unseen by Git, in code unit order. */
  | { readonly kind: 'files'; readonly files: readonly string[] }
  /** The files were sent for a preview: their commit is not known. */
  | { readonly kind: 'preview' }
