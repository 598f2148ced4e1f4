import { existsSync, lstatSync, readFileSync } from 'node:fs'
import type { Stats } from 'node:fs'
import path from 'node:path'
import { readPlainConfig } from './plain-config.ts'

/** A work tree and its checked-out commit. */
export interface PlainWorkTree {
  /** The absolute path of its root, with links resolved. */
  readonly root: string
  readonly commit: string
  readonly remoteUrl: string
}

/**
 * Reads the work tree around a folder as `git rev-parse` and `git config` would, without their processes.
 * Undefined where Git must be asked, or has to refuse: linked work trees, submodules, other owners or file
 * systems, a branch without a commit, other formats of references, and all that {@link readPlainConfig}
 * does not read.
 *
 * @param folder absolute, with links resolved
 */
export function plainWorkTree(folder: string): PlainWorkTree | undefined {
  const root = rootAround(folder)
  if (root === undefined) return undefined
  const dotGit = path.join(root, '.git')
  const isUsual =
    ['objects', 'refs'].every(name => statsOf(path.join(dotGit, name))?.isDirectory()) &&
    !existsSync(path.join(dotGit, 'commondir'))
  const text = isUsual ? textOf(path.join(dotGit, 'config')) : undefined
  const remoteUrl = text === undefined ? undefined : readPlainConfig(text)?.remoteUrl
  const commit = remoteUrl === undefined ? undefined : headCommit(dotGit)
  return remoteUrl === undefined || commit === undefined ? undefined : { root, commit, remoteUrl }
}

/** The nearest folder above with a folder `.git`, if Git would take it for the root of a work tree. */
function rootAround(folder: string): string | undefined {
  const device = statsOf(folder)?.dev
  for (let at = folder; ; at = path.dirname(at)) {
    const stats = statsOf(at)
    // Git stops at another file system; a folder with a HEAD can be a repository without a work tree.
    if (stats?.dev !== device || existsSync(path.join(at, 'HEAD'))) return undefined
    const dotGit = statsOf(path.join(at, '.git'))
    if (dotGit !== undefined) {
      return dotGit.isDirectory() && [stats, dotGit].every(isOurs) ? at : undefined
    }
    if (at === path.dirname(at)) return undefined
  }
}

/** Git refuses repositories of others, unless a user's configuration trusts them. */
function isOurs(stats: Stats | undefined): boolean {
  return stats !== undefined && stats.uid === process.geteuid?.()
}

const symbolic = /^ref: (refs\/heads\/[\w./@+-]+)\n?$/

/** The commit of HEAD, which is its own or that of a branch. Source: gitrepository-layout. */
function headCommit(dotGit: string): string | undefined {
  const head = textOf(path.join(dotGit, 'HEAD'))
  const branch = symbolic.exec(head ?? '')?.[1]
  if (branch === undefined) return commitIn(head)
  const file = path.join(dotGit, branch)
  if (branch.includes('..')) return undefined
  if (statsOf(file) !== undefined) return commitIn(textOf(file))
  const packed = textOf(path.join(dotGit, 'packed-refs'))?.split('\n')
  return commitIn(packed?.find(line => line.slice(41) === branch)?.slice(0, 40))
}

function commitIn(text: string | undefined): string | undefined {
  return /^([0-9a-f]{40})\n?$/.exec(text ?? '')?.[1]
}

function statsOf(file: string): Stats | undefined {
  try {
    return lstatSync(file)
  } catch {
    return undefined
  }
}

const maxBytes = 4 * 1024 * 1024

/** The text of a small regular file: Git reads some links in a way of its own. */
function textOf(file: string): string | undefined {
  const stats = statsOf(file)
  if (stats?.isFile() !== true || stats.size > maxBytes) return undefined
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
