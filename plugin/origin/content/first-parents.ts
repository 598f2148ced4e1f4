import { absent } from './commit-log.ts'
import type { CommitLog } from './commit-log.ts'

/** Sees the content of one file after another change as {@link walkContents} goes from commit to commit. */
export interface ContentVisitor {
  /** A file's content is another one now. */
  change(path: number, before: number, after: number): void
  /** All files have the content that they have at this commit. */
  visit(commit: number): void
}

/**
 * Visits all commits of a history with the contents of their files. Along first parents every history is a
 * tree (or several: one for each root commit), so that one change after another, and back again, leads
 * to every commit without a copy of the files.
 */
export function walkContents(log: CommitLog, visitor: ContentVisitor): void {
  const { roots, childOf, siblingOf } = treeOf(log)
  const contents = new Int32Array(log.paths.texts.length).fill(absent)
  const undo: number[] = []
  const change = (path: number, after: number) => {
    const before = contents[path] ?? absent
    contents[path] = after
    visitor.change(path, before, after)
    return before
  }
  const leave = (commit: number) => {
    const changes = log.changesOf(commit)
    for (let at = changes.length - 1; at >= 0; at--) {
      change(changes[at]?.path ?? 0, undo.pop() ?? absent)
    }
  }
  // The second number of a commit on this stack, its complement, leaves it.
  const stack = [...roots]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next < 0) leave(~next)
    else {
      for (const { path, content } of log.changesOf(next)) undo.push(change(path, content))
      visitor.visit(next)
      stack.push(~next)
      for (let child = childOf[next] ?? -1; child !== -1; child = siblingOf[child] ?? -1) {
        stack.push(child)
      }
    }
  }
}

/** The contents of all files at the first commit of a history. */
export function headContents(log: CommitLog): Int32Array {
  const chain = [0]
  for (let at = log.parentsOf(0)[0]; at !== undefined; at = log.parentsOf(at)[0]) chain.push(at)
  const contents = new Int32Array(log.paths.texts.length).fill(absent)
  for (const commit of chain.reverse()) {
    for (const { path, content } of log.changesOf(commit)) contents[path] = content
  }
  return contents
}

/** The first-parent tree: a commit's first child, and the next child of its parent; -1 for none. */
function treeOf(log: CommitLog) {
  const childOf = new Int32Array(log.size).fill(-1)
  const siblingOf = new Int32Array(log.size).fill(-1)
  const roots: number[] = []
  for (let commit = 0; commit < log.size; commit++) {
    const [parent] = log.parentsOf(commit)
    if (parent === undefined) roots.push(commit)
    else {
      siblingOf[commit] = childOf[parent] ?? -1
      childOf[parent] = commit
    }
  }
  return { roots, childOf, siblingOf }
}
