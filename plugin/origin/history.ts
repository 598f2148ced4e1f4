import { existsSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import type { Reach } from '../repository/reach.ts'
import { gitOutput, runGit } from './git.ts'
import type { History } from './origin.ts'
import { pathspecOf, workTreeFiles } from './work-tree-files.ts'

/** For files that came without their history: the commit itself is all that is known. */
export function noHistory(commit: string, isDirty: boolean): History {
  return {
    modelCommit: () => Promise.resolve(commit),
    filesOf: () => Promise.resolve(undefined),
    isDirty: () => Promise.resolve(isDirty)
  }
}

/**
 * The history beside files that are known to be the commit's, such as Argo CD's checkout. Its `.git`
 * may be left out, or empty, or without the commit: then the commit is all that is known.
 */
export function checkoutHistory(root: string, commit: string): History {
  const settings = ['-c', 'safe.directory=*']
  return {
    modelCommit: async (folder, evidenceFiles) => {
      if (!existsSync(path.join(root, '.git', 'HEAD'))) return commit
      const checkout = { root, commit, settings }
      const log = await runGit(root, logArguments(checkout, folder, evidenceFiles))
      if (log.kind === 'output') return lastTouch(checkout, log.text)
      const known = await runGit(root, [...settings, 'cat-file', '-e', `${commit}^{commit}`])
      if (known.kind === 'failed') return commit
      throw new Fault('GIT_FAILED', 'git log failed', { found: log.message.replaceAll(root, '.') })
    },
    filesOf: () => Promise.resolve(undefined),
    isDirty: () => Promise.resolve(false)
  }
}

/** The history of a work tree, whose files may differ from its commit. */
export function workTreeHistory(root: string, commit: string): History {
  const checkout = { root, commit, settings: [] }
  return {
    modelCommit: async (folder, evidenceFiles) =>
      lastTouch(checkout, await gitOutput(root, logArguments(checkout, folder, evidenceFiles))),
    filesOf: folder => workTreeFiles(root, folder),
    isDirty: reach => isDirty(root, reach)
  }
}

interface Checkout {
  readonly root: string
  readonly commit: string
  readonly settings: readonly string[]
}

function logArguments(
  { commit, settings }: Checkout,
  folder: string,
  evidenceFiles: readonly string[]
): readonly string[] {
  const excluded = evidenceFiles.map(file => `:(exclude,top,literal)${file}`)
  const pathspec = pathspecOf(folder)
  return [...settings, 'log', '-1', '--format=%H %P', commit, '--', pathspec, ...excluded]
}

/**
 * A shallow clone's oldest commits seem to touch everything: an answer among them is no answer, and
 * the revision stands in, so that the depth of a fetch changes nothing else.
 */
async function lastTouch({ root, commit, settings }: Checkout, log: string): Promise<string> {
  const [touched = '', ...parents] = log.trim().split(' ')
  if (touched === '') return commit
  if (parents.length > 0) return touched
  const shallow = await gitOutput(root, [...settings, 'rev-parse', '--is-shallow-repository'])
  return shallow.trim() === 'true' ? commit : touched
}

/**
 * Changed and untracked files count wherever they are. Files that Git ignores, or was told to take for
 * unchanged or absent (assume-unchanged, skip-worktree, sparse checkouts), count where the render
 * reaches them.
 */
async function isDirty(root: string, reach: Reach): Promise<boolean> {
  const [status, index] = await Promise.all([
    gitOutput(root, [
      ...['status', '--porcelain=v1', '-z', '--ignored=matching'],
      // A configuration may say otherwise.
      ...['--untracked-files=normal', '--ignore-submodules=none']
    ]),
    gitOutput(root, ['ls-files', '-v', '-z'])
  ])
  return (
    entriesOf(status).some(entry => isChange(entry, reach)) ||
    entriesOf(index).some(entry => hiddenTag.test(entry) && isHidden(entry.slice(2), root, reach))
  )
}

function isHidden(file: string, root: string, reach: Reach): boolean {
  return existsSync(path.join(root, file)) ? reach.hasFile(file) : reach.missed(file)
}

/** Lower case for assume-unchanged, `S` for skip-worktree. Source: git-ls-files, option -v. */
const hiddenTag = /^[a-zS] /

function entriesOf(output: string): readonly string[] {
  return output.split('\0').filter(entry => entry !== '')
}

function isChange(entry: string, reach: Reach): boolean {
  if (!entry.startsWith('!! ')) return true
  const ignored = path.posix.normalize(entry.slice(3))
  return ignored.endsWith('/') ? reach.hasFileBelow(ignored.slice(0, -1)) : reach.hasFile(ignored)
}
