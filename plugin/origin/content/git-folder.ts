import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { guarded, systemFault } from '../../system-fault.ts'
import { readPlainConfig } from '../plain-config.ts'

/** Whether a folder is the root of a work tree, linked work trees and submodules included. */
export function hasGitData(root: string): boolean {
  const common = commonFolder(root)
  return common !== undefined && existsSync(path.join(common, 'HEAD'))
}

/** Whether a repository lacks the parents of some commits. */
export function isShallow(root: string): boolean {
  return shallowCommits(root).length > 0
}

/** The folder of a repository's objects, if its configuration is one that changes nothing about them. */
export function plainObjects(root: string): string | undefined {
  const common = commonFolder(root)
  if (common === undefined) return undefined
  const config = textOf(path.join(common, 'config'))
  const isPlain = config !== undefined && readPlainConfig(config) !== undefined
  return isPlain ? path.join(common, 'objects') : undefined
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
export function shallowCommits(root: string): readonly string[] {
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
