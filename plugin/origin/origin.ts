import type { RenderContext } from '../context.ts'
import type { Reach } from '../repository/reach.ts'
import type { Assignment } from '../values/assignment.ts'

/** Where a render comes from, before the repository's own files are looked at. */
export interface Origin {
  /** Absolute path of the repository's root. Never for messages. */
  readonly root: string
  readonly context: Omit<RenderContext, 'environment' | 'isDirty' | 'modelCommit'>
  /** The environment that was asked for. */
  readonly environment: string | undefined
  /** Values set by name; later ones win. */
  readonly assignments: readonly Assignment[]
  /** What only Git can say, asked once the files are known. */
  readonly history: History
}

/** What Git knows about the files of a render. */
export interface History {
  /**
   * The last commit that touched `folder` by more than `evidenceFiles` (tree paths).
   *
   * @throws {Fault} `GIT_FAILED`
   */
  modelCommit(folder: string, evidenceFiles: readonly string[]): Promise<string>
  /**
   * What Git has below `folder` or would add, by tree path, deleted files too; undefined for files that
   * came as they are, all of which count.
   *
   * @throws {Fault} `GIT_FAILED`, `MODEL_DIGEST_FILE` for a file that a sparse checkout leaves out
   */
  filesOf(folder: string): Promise<readonly string[] | undefined>
  /** Whether what a render reached differs from the commit, or may do so behind Git's back. */
  isDirty(reach: Reach): Promise<boolean>
}
