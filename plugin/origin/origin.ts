import type { RenderContext } from '../context.ts'
import type { Reach } from '../repository/reach.ts'
import type { Assignment } from '../values/assignment.ts'

/** The inputs of a render from outside the repository's files. */
export interface Origin {
  /** The absolute path of the repository's root. Never for messages. */
  readonly root: string
  readonly context: Omit<RenderContext, 'environment' | 'isDirty' | 'modelCommit'>
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
   * The last commit that changed more of `folder` than `evidenceFiles` (tree paths).
   *
   * @throws {Fault} `GIT_FAILED`
   */
  modelCommit(folder: string, evidenceFiles: readonly string[]): Promise<string>
  /**
   * The files below `folder` that Git tracks or would add, by tree path, including deleted ones; undefined
   * without a work tree, where all files count.
   *
   * @throws {Fault} `GIT_FAILED`, `MODEL_DIGEST_FILE` for a file that a sparse checkout leaves out
   */
  filesOf(folder: string): Promise<readonly string[] | undefined>
  /** Whether files that a render reached differ from the commit, or could differ unseen by Git. */
  isDirty(reach: Reach): Promise<boolean>
}
