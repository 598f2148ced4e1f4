import type { Checkout } from './checkout.ts'
import { contentHistory, unknownHistory } from './content-history.ts'
import { hasGitData } from './content/boundary.ts'
import { runGit } from './git.ts'
import type { History } from './origin.ts'
import { workTreeChanges } from './work-tree-changes.ts'
import { workTreeFiles } from './work-tree-files.ts'

/** The history of files without Git data: only the commit is known. */
export function noHistory(commit: string): History {
  return {
    contentHistory: () => Promise.resolve(unknownHistory(commit, 'no-history')),
    filesOf: () => Promise.resolve(undefined),
    committedAt: () => Promise.resolve(undefined),
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
    contentHistory: selection => contentHistory(checkout, selection),
    committedAt: () => committedAt(checkout)
  }
}

/** The history of a work tree, whose files can differ from its commit. */
export function workTreeHistory(root: string, commit: string): History {
  const checkout = { root, commit, settings: [] }
  return {
    contentHistory: selection => contentHistory(checkout, selection),
    filesOf: (roots, isWanted) => workTreeFiles(root, roots, isWanted),
    committedAt: () => committedAt(checkout),
    changes: reach => workTreeChanges(checkout, reach)
  }
}

async function committedAt({ root, settings, commit }: Checkout): Promise<string | undefined> {
  if (!hasGitData(root)) return undefined
  const answer = await runGit(root, [...settings, 'cat-file', 'commit', commit])
  if (answer.kind === 'failed') return undefined
  const [, seconds] = /^committer .*> (\d{1,11}) [-+]\d+$/m.exec(answer.text) ?? []
  return seconds === undefined
    ? undefined
    : new Date(Number(seconds) * 1_000).toISOString().replace('.000Z', 'Z')
}
