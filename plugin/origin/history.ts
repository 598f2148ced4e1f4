import { existsSync } from 'node:fs'
import path from 'node:path'
import { gitOutput, runGit } from './git.ts'
import type { History } from './origin.ts'

/** For files that came without their history: the commit itself is all that is known. */
export function noHistory(commit: string, isDirty: boolean): History {
  return { modelCommit: () => Promise.resolve(commit), isDirty: () => Promise.resolve(isDirty) }
}

/**
 * The history beside files that are known to be the commit's, such as Argo CD's checkout. Its `.git`
 * may be left out, or empty: then the commit is all that is known.
 */
export function checkoutHistory(root: string, commit: string): History {
  return {
    modelCommit: async (folder, evidenceFiles) => {
      if (!existsSync(path.join(root, '.git', 'HEAD'))) return commit
      const trusting = ['-c', 'safe.directory=*']
      const known = await runGit(root, [...trusting, 'cat-file', '-e', `${commit}^{commit}`])
      if (known.kind === 'failed') return commit
      return lastTouch({ root, commit, settings: trusting }, folder, evidenceFiles)
    },
    isDirty: () => Promise.resolve(false)
  }
}

/** The history of a work tree, whose files may differ from its commit. */
export function workTreeHistory(root: string, commit: string): History {
  return {
    modelCommit: (folder, evidenceFiles) =>
      lastTouch({ root, commit, settings: [] }, folder, evidenceFiles),
    isDirty: filesRead => isDirty(root, filesRead)
  }
}

interface Checkout {
  readonly root: string
  readonly commit: string
  readonly settings: readonly string[]
}

/**
 * A shallow clone's oldest commits seem to touch everything: an answer among them is no answer, and
 * the revision stands in, so that the depth of a fetch changes nothing else.
 */
async function lastTouch(
  { root, commit, settings }: Checkout,
  folder: string,
  evidenceFiles: readonly string[]
): Promise<string> {
  const excluded = evidenceFiles.map(file => `:(exclude,top,literal)${file}`)
  const pathspec = folder === '.' ? ':(top)' : `:(top,literal)${folder}`
  const format = '--format=%H %P'
  const [log, shallow] = await Promise.all([
    gitOutput(root, [...settings, 'log', '-1', format, commit, '--', pathspec, ...excluded]),
    gitOutput(root, [...settings, 'rev-parse', '--is-shallow-repository'])
  ])
  const [touched = '', ...parents] = log.trim().split(' ')
  const isBoundary = shallow.trim() === 'true' && parents.length === 0
  return touched === '' || isBoundary ? commit : touched
}

/** Changed and untracked files count; an ignored file counts where the render read it. */
async function isDirty(root: string, filesRead: readonly string[]): Promise<boolean> {
  const status = await gitOutput(root, ['status', '--porcelain=v1', '-z', '--ignored=matching'])
  const entries = status.split('\0').filter(entry => entry !== '')
  const read = new Set(filesRead)
  return entries.some(entry => {
    if (!entry.startsWith('!! ')) return true
    const ignored = entry.slice(3)
    if (ignored.endsWith('/')) return filesRead.some(file => file.startsWith(ignored))
    return read.has(path.posix.normalize(ignored))
  })
}
