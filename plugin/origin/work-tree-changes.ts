import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Reach } from '../repository/reach.ts'
import type { Checkout } from './checkout.ts'
import { canHideChanges, readIndex } from './git-index.ts'
import { gitOutput } from './git.ts'
import type { Changes } from './origin.ts'
import { pathspecOf } from './work-tree-files.ts'

/**
 * The files of a work tree that a render reads, or would read, and that differ from the commit: changed,
 * deleted and untracked files, and submodules. Files that Git ignores or takes for unchanged or absent
 * (assume-unchanged, skip-worktree, sparse checkouts) count only if the render reached them.
 *
 * @throws {Fault} `GIT_FAILED`
 */
export async function workTreeChanges({ root, commit }: Checkout, reach: Reach): Promise<Changes> {
  const [status, index] = await Promise.all([
    gitOutput(root, [
      ...['status', '--porcelain=v1', '-z', '--ignored=matching'],
      // The configuration can set other defaults.
      ...['--untracked-files=normal', '--ignore-submodules=none', '--no-renames']
    ]),
    hidesChanges(root, commit) ? gitOutput(root, ['ls-files', '-v', '-z']) : ''
  ])
  const changed = entriesOf(status).map(entry => ({
    code: entry.slice(0, 2),
    file: entry.slice(3)
  }))
  const hidden = entriesOf(index)
    .filter(entry => hiddenTag.test(entry))
    .map(entry => entry.slice(2))
  const folders = changed.filter(
    ({ code, file }) =>
      code === untracked && file.endsWith('/') && reach.wantsBelow(withoutSlash(file))
  )
  const files = [
    ...changed.filter(change => isWanted(change, reach)).map(({ file }) => withoutSlash(file)),
    ...(await untrackedFiles(root, folders, reach)),
    ...hidden.filter(file => isReached(file, root, reach))
  ]
  return files.length === 0
    ? { kind: 'none' }
    : { kind: 'files', files: [...new Set(files)].sort() }
}

function hidesChanges(root: string, commit: string): boolean {
  const index = readIndex(root)
  return index === undefined || canHideChanges(index, commit.length / 2)
}

interface Change {
  /** Two letters. Source: git-status, short format. */
  readonly code: string
  /** A folder ends in a slash. */
  readonly file: string
}

const [untracked, ignored] = ['??', '!!']

function isWanted({ code, file }: Change, reach: Reach): boolean {
  const isFolder = file.endsWith('/')
  const name = withoutSlash(file)
  if (code === ignored) return isFolder ? reach.hasFileBelow(name) : reach.hasFile(name)
  if (code === untracked && isFolder) return false
  // A submodule is reached by the files in it.
  return reach.wants(name) || reach.hasFileBelow(name)
}

/** Git names an untracked folder instead of its files. A repository in it is one entry. */
async function untrackedFiles(
  root: string,
  folders: readonly Change[],
  reach: Reach
): Promise<readonly string[]> {
  if (folders.length === 0) return []
  const pathspecs = folders.map(({ file }) => pathspecOf(withoutSlash(file)))
  const listed = await gitOutput(root, [
    ...['ls-files', '-z', '--others', '--exclude-standard'],
    ...['--', ...pathspecs]
  ])
  return entriesOf(listed)
    .filter(file => (file.endsWith('/') ? reach.wantsBelow(withoutSlash(file)) : reach.wants(file)))
    .map(withoutSlash)
}

function isReached(file: string, root: string, reach: Reach): boolean {
  return existsSync(path.join(root, file)) ? reach.hasFile(file) : reach.wants(file)
}

/** Lower case for assume-unchanged, `S` for skip-worktree. Source: git-ls-files, option -v. */
const hiddenTag = /^[a-zS] /

function entriesOf(output: string): readonly string[] {
  return output.split('\0').filter(entry => entry !== '')
}

function withoutSlash(file: string): string {
  return file.replace(/\/$/, '')
}
