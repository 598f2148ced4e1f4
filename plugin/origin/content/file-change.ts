import type { CommitLog } from './commit-log.ts'

/** What a path is at a commit: a regular file, a link or a submodule, with its object ID. */
export interface FileState {
  readonly kind: 'blob' | 'link' | 'commit'
  readonly id: string
}

/** What a commit changes in comparison with its first parent. Undefined: there is no such file. */
export interface FileChange {
  /** As bytes in latin1. */
  readonly path: string
  readonly before: FileState | undefined
  readonly after: FileState | undefined
}

/** Decides by a path, as bytes in latin1, whether its changes count. */
export type IsWanted = (path: string, isSubmodule: boolean) => boolean

/**
 * Adds a change to a history if it counts. A change of the mode of a regular file changes no content.
 *
 * @throws {Fault} `HISTORY_LIMIT`
 */
export function addFileChange(
  log: CommitLog,
  commit: number,
  { path, before, after }: FileChange,
  isWanted: IsWanted
): void {
  if (keyOf(before) === keyOf(after)) return
  const isSubmodule = [before, after].some(state => state?.kind === 'commit')
  if (!isWanted(path, isSubmodule)) return
  const number = log.addChange(commit, path, keyOf(after))
  if (isSubmodule) log.submodules.add(number)
}

/** The text for a content in {@link CommitLog.contents}. */
function keyOf(state: FileState | undefined): string | undefined {
  return state === undefined ? undefined : `${state.kind} ${state.id}`
}
