import { existsSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import type { Reach } from '../repository/reach.ts'
import { canHideChanges, readIndex } from './git-index.ts'
import { gitOutput, runGit } from './git.ts'
import type { History } from './origin.ts'
import { pathspecOf, workTreeFiles } from './work-tree-files.ts'

/** The history of files without Git data: only the commit is known. */
export function noHistory(commit: string, isDirty: boolean): History {
  return {
    modelCommit: () => Promise.resolve(commit),
    filesOf: () => Promise.resolve(undefined),
    isDirty: () => Promise.resolve(isDirty)
  }
}

/**
 * The history of a checkout whose files are those of the commit, such as Argo CD's. If its `.git` is
 * missing, empty or without the commit, only the commit is known.
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

/** The history of a work tree, whose files can differ from its commit. */
export function workTreeHistory(root: string, commit: string): History {
  const checkout = { root, commit, settings: [] }
  return {
    modelCommit: async (folder, evidenceFiles) =>
      lastTouch(checkout, await gitOutput(root, logArguments(checkout, folder, evidenceFiles))),
    filesOf: folder => workTreeFiles(root, folder),
    isDirty: reach => isDirty(checkout, reach)
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
 * In a shallow clone the oldest commits seem to change every file. If the last change is one of them, the
 * rendered commit is used instead, so that the depth of a fetch does not change the result.
 */
async function lastTouch({ root, commit, settings }: Checkout, log: string): Promise<string> {
  const [touched = '', ...parents] = log.trim().split(' ')
  if (touched === '') return commit
  if (parents.length > 0) return touched
  const shallow = await gitOutput(root, [...settings, 'rev-parse', '--is-shallow-repository'])
  return shallow.trim() === 'true' ? commit : touched
}

/**
 * Changed and untracked files make a work tree dirty. Files that Git ignores or takes for unchanged or
 * absent (assume-unchanged, skip-worktree, sparse checkouts) do so only if the render reaches them.
 */
async function isDirty({ root, commit }: Checkout, reach: Reach): Promise<boolean> {
  const [status, index] = await Promise.all([
    gitOutput(root, [
      ...['status', '--porcelain=v1', '-z', '--ignored=matching'],
      // The configuration can set other defaults.
      ...['--untracked-files=normal', '--ignore-submodules=none']
    ]),
    hidesChanges(root, commit) ? gitOutput(root, ['ls-files', '-v', '-z']) : ''
  ])
  return (
    entriesOf(status).some(entry => isChange(entry, reach)) ||
    entriesOf(index).some(entry => hiddenTag.test(entry) && isHidden(entry.slice(2), root, reach))
  )
}

function hidesChanges(root: string, commit: string): boolean {
  const index = readIndex(root)
  return index === undefined || canHideChanges(index, commit.length / 2)
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
