import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { guarded, systemFault } from '../../system-fault.ts'
import type { Checkout } from '../checkout.ts'
import type { CommitLog } from './commit-log.ts'
import { readObjects } from './objects.ts'

/**
 * Whether a history lacks ancestors because it is that of a shallow clone: one of its commits is a shallow
 * boundary and has parents. (A boundary can be a root commit: a fetch that is just deep enough.)
 *
 * @throws {Fault} `GIT_*`, `FILE_UNREADABLE`
 */
export async function isCutOff(checkout: Checkout, log: CommitLog): Promise<boolean> {
  const boundaries = shallowCommits(checkout.root).filter(id => log.commits.find(id) !== undefined)
  let withoutParents = 0
  await readObjects(checkout, boundaries, (_, commit) => {
    const header = commit?.toString('latin1').split('\n\n', 1)[0] ?? '\nparent '
    if (!header.includes('\nparent ')) withoutParents++
  })
  return withoutParents < boundaries.length
}

/** Whether a folder is the root of a work tree, linked work trees and submodules included. */
export function hasGitData(root: string): boolean {
  const common = commonFolder(root)
  return common !== undefined && existsSync(path.join(common, 'HEAD'))
}

/** The outermost submodule of a work tree that a tree path is in: Git matches no path inside of it. */
export function submoduleAround(root: string, treePath: string): string | undefined {
  const parts = treePath.split('/')
  return parts
    .map((_, index) => parts.slice(0, index + 1).join('/'))
    .find(folder => folder !== '.' && existsSync(path.join(root, folder, '.git')))
}

/** Whether Git knows the parents of commits without reading them. Source: gitformat-commit-graph. */
export function hasCommitGraph(root: string): boolean {
  const info = path.join(commonFolder(root) ?? root, 'objects', 'info')
  return ['commit-graph', 'commit-graphs'].some(name => existsSync(path.join(info, name)))
}

/** Whether there is a grafts file: Git ignores it for us, and it may have hidden that parents are missing. */
export function hasGrafts(root: string): boolean {
  return linesOf(path.join(commonFolder(root) ?? root, 'info', 'grafts')).length > 0
}

/** The commits whose parents a shallow clone lacks. Source: gitrepository-layout, `shallow`. */
function shallowCommits(root: string): readonly string[] {
  return linesOf(path.join(commonFolder(root) ?? root, 'shallow'))
}

/**
 * The folder that all work trees of a repository share; undefined without Git data.
 * Source: gitrepository-layout, `gitdir:` and `commondir`.
 */
function commonFolder(root: string): string | undefined {
  const dotGit = path.join(root, '.git')
  const stats = guarded('.git', () => statSync(dotGit, { throwIfNoEntry: false }))
  if (stats === undefined) return undefined
  const folder = stats.isDirectory()
    ? dotGit
    : path.resolve(root, pathIn(dotGit)?.replace(/^gitdir: /, '') ?? dotGit)
  return path.resolve(folder, pathIn(path.join(folder, 'commondir')) ?? '.')
}

function pathIn(file: string): string | undefined {
  return textOf(file)?.replace(/[\r\n]+$/, '')
}

function linesOf(file: string): readonly string[] {
  return (textOf(file) ?? '').split('\n').filter(line => line !== '')
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw systemFault(error, `.git/${path.basename(file)}`)
  }
}
