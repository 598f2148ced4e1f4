import { contentHistory, unknownHistory } from './content-history.ts'
import type { History } from './origin.ts'
import { trackedFiles } from './tracked-files.ts'
import { isUnchanged } from './unchanged-files.ts'
import { workTreeChanges } from './work-tree-changes.ts'
import { workTreeFiles } from './work-tree-files.ts'

/** The history of files without Git data: only the commit is known. */
export function noHistory(commit: string): History {
  return {
    contentHistory: () => Promise.resolve(unknownHistory(commit, 'no-history')),
    filesOf: () => Promise.resolve(undefined),
    changes: () => Promise.resolve({ kind: 'none' })
  }
}

/** The history of files that were sent for a preview. Its word for the commit stands for the model's too. */
export function previewHistory(word: string): History {
  return {
    ...noHistory(word),
    contentHistory: () =>
      Promise.resolve({
        ...unknownHistory(word, 'no-history'),
        modelCommit: { kind: 'known', commit: word }
      }),
    changes: () => Promise.resolve({ kind: 'preview' })
  }
}

/**
 * The history of a checkout whose files are those of the commit, such as Argo CD's. Its `.git` may be
 * missing, empty or without the commit.
 */
export function checkoutHistory(root: string, commit: string): History {
  const checkout = { root, commit, settings: ['-c', 'safe.directory=*'] }
  return {
    ...noHistory(commit),
    contentHistory: selection => contentHistory(checkout, selection)
  }
}

/** The history of a work tree, whose files can differ from its commit. */
export function workTreeHistory(root: string, commit: string): History {
  const checkout = { root, commit, settings: [], needsTree: true } as const
  let tree: string | undefined
  return {
    contentHistory: async selection => {
      const history = await contentHistory(checkout, selection)
      tree = history.tree
      return history
    },
    filesOf: async (roots, isWanted) =>
      trackedFiles(root, roots, { hashBytes: commit.length / 2, isWanted }) ??
      workTreeFiles(root, roots, isWanted),
    changes: async reach =>
      tree !== undefined && isUnchanged({ root, tree }, reach)
        ? { kind: 'none' }
        : workTreeChanges(checkout, reach)
  }
}
