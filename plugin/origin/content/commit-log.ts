import { Fault } from '../../../common/fault.ts'
import { Interned } from './interned.ts'

/** The number of {@link CommitLog.contents} for a file that a commit does not have. */
export const absent = 0

/**
 * A history: all ancestors of a commit with their parents, and the files that each commit changed in
 * comparison with its first parent (a root commit: with nothing). Commits, paths and contents are numbers.
 */
export class CommitLog {
  /** Commit IDs. The first one is the commit whose history this is. */
  readonly commits = new Interned()
  /** Paths as bytes in latin1, so that two names are never the same text. */
  readonly paths = new Interned()
  /** Object IDs with the kind of entry before them: `blob `, `link ` or `commit ` (a submodule). */
  readonly contents = new Interned()
  /** The paths that are submodules at some commit. */
  readonly submodules = new Set<number>()
  readonly #parents: (readonly number[] | undefined)[] = []
  readonly #changes: (readonly Change[] | undefined)[] = []
  #changeCount = 0

  readonly #limits: HistoryLimits

  constructor(limits: HistoryLimits = defaultLimits) {
    this.#limits = limits
    this.contents.numberOf('absent')
  }

  get size(): number {
    return this.commits.texts.length
  }

  /** The parents of a commit, the first parent first. */
  parentsOf(commit: number): readonly number[] {
    return this.#parents[commit] ?? none
  }

  changesOf(commit: number): readonly Change[] {
    return this.#changes[commit] ?? none
  }

  /** @throws {Fault} `HISTORY_LIMIT` */
  addCommit(id: string, parents: readonly string[]): number {
    const commit = this.commits.numberOf(id)
    this.#parents[commit] =
      parents.length === 0 ? none : parents.map(parent => this.commits.numberOf(parent))
    const { maxCommits } = this.#limits
    if (this.size > maxCommits) throw tooLong(`${maxCommits} commits`)
    return commit
  }

  /** @returns the number of the path @throws {Fault} `HISTORY_LIMIT` */
  addChange(commit: number, path: string, content: string | undefined): number {
    const change = {
      path: this.paths.numberOf(path),
      content: content === undefined ? absent : this.contents.numberOf(content)
    }
    const changes = this.#changes[commit]
    if (changes === undefined) this.#changes[commit] = [change]
    else (changes as Change[]).push(change)
    const { maxChanges } = this.#limits
    if (++this.#changeCount > maxChanges) throw tooLong(`${maxChanges} changes of source files`)
    return change.path
  }

  /** Whether each parent is in the history too. */
  get isComplete(): boolean {
    return this.commits.texts.every((_, commit) => this.#parents[commit] !== undefined)
  }
}

/** The content that a file has since a commit. */
export interface Change {
  readonly path: number
  readonly content: number
}

/** `blob` for a regular file, `link`, `commit` for a submodule, `absent`. */
export function kindOf(log: CommitLog, content: number): string {
  return log.contents.texts[content]?.split(' ')[0] ?? ''
}

/** The object ID of a content. */
export function idOf(log: CommitLog, content: number): string {
  return log.contents.texts[content]?.split(' ')[1] ?? ''
}

const none: readonly never[] = []

/** How much of a history is held in memory. */
export interface HistoryLimits {
  readonly maxCommits: number
  readonly maxChanges: number
}

/** More commits than Linux has. Both limits together are reached with about 1 GB of memory. */
const defaultLimits: HistoryLimits = { maxCommits: 2_000_000, maxChanges: 4_000_000 }

function tooLong(limit: string): Fault {
  return new Fault('HISTORY_LIMIT', "the history of the model's sources is too long", {
    expected: `at most ${limit}`,
    remedy: 'Name fewer files in model.sources of mlgitops.yaml.'
  })
}
