import { accessSync, constants, existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { Fault, bound } from '../../common/fault.ts'
import type { Repository } from '../context.ts'
import { guarded } from '../system-fault.ts'
import { runGit } from './git.ts'
import { noHistory, workTreeHistory } from './history.ts'
import type { Origin } from './origin.ts'
import { plainWorkTree } from './plain-work-tree.ts'
import type { PlainWorkTree } from './plain-work-tree.ts'
import { repositoryOf } from './repository-url.ts'
import { readCommit } from './revision.ts'

/** The options of a local render. */
export interface LocalOptions {
  /** The application path, relative to `callerFolder` or absolute. */
  readonly path: string
  readonly callerFolder: string
  readonly environment: string | undefined
  readonly revision: string | undefined
  readonly repoUrl: string | undefined
  readonly namespace: string | undefined
  readonly appName: string | undefined
}

/**
 * The origin of a local render: from Git in a work tree, from the options elsewhere.
 *
 * @throws {Fault} `PATH_NOT_FOUND`, `REVISION_MISSING`, `REVISION_INVALID`, `REVISION_NOT_HEAD`, `GIT_*`
 */
export async function localOrigin(options: LocalOptions): Promise<Origin> {
  const folder = applicationFolder(options)
  const found = plainWorkTree(folder) ?? (await askedWorkTree(folder))
  if (found === undefined) return exportedOrigin(options, folder)
  const { root, commit } = found
  checkRevision(options.revision, commit)
  const address = options.repoUrl ?? found.remoteUrl
  const repository = address === '' ? undefined : repositoryOf(address)
  return origin(options, {
    root,
    folder,
    commit,
    repository,
    history: workTreeHistory(root, commit)
  })
}

/** Undefined outside of a work tree. @throws {Fault} `REVISION_MISSING`, `GIT_*` */
async function askedWorkTree(folder: string): Promise<PlainWorkTree | undefined> {
  if (!isBelowGit(folder)) return undefined
  const [head, remote] = await Promise.all([
    runGit(folder, ['rev-parse', '--show-toplevel', '--verify', 'HEAD']),
    runGit(folder, ['config', '--get', 'remote.origin.url'])
  ])
  const root = await workTreeRoot(folder, head)
  if (root === undefined) return undefined
  if (head.kind !== 'output') {
    throw new Fault('REVISION_MISSING', 'the repository has no commit yet', {
      remedy: 'Create a commit first: a render is of a commit.'
    })
  }
  const { commit } = topAndCommit(head.text)
  return { root, commit, remoteUrl: remote.kind === 'output' ? remote.text.trim() : '' }
}

/** The absolute application path, with links resolved. @throws {Fault} `PATH_NOT_FOUND` */
export function applicationFolder({
  callerFolder,
  path: given
}: Pick<LocalOptions, 'callerFolder' | 'path'>): string {
  const folder = path.resolve(callerFolder, given)
  const where = path.isAbsolute(given) ? path.basename(given) : bound(given, 200)
  const stats = guarded(where, () => statSync(folder, { throwIfNoEntry: false }))
  if (stats?.isDirectory() === true) {
    return guarded(where, () => {
      // Git is started in this folder.
      accessSync(folder, constants.R_OK | constants.X_OK)
      return realpathSync(folder)
    })
  }
  throw new Fault('PATH_NOT_FOUND', 'the folder does not exist', {
    where,
    expected: "an application path: the folder of the model's manifests"
  })
}

/**
 * The root of the work tree around a folder, with or without a commit; undefined if there is none.
 *
 * @throws {Fault} `GIT_*`
 */
export async function workTreeAround(folder: string): Promise<string | undefined> {
  if (!isBelowGit(folder)) return undefined
  const plain = plainWorkTree(folder)
  if (plain !== undefined) return plain.root
  return workTreeRoot(
    folder,
    await runGit(folder, ['rev-parse', '--show-toplevel', '--verify', 'HEAD'])
  )
}

/** Without `.git` in this folder or above there is no work tree, and git is not started. */
function isBelowGit(folder: string): boolean {
  for (let at = folder; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, '.git'))) return true
    if (at === path.dirname(at)) return false
  }
}

async function workTreeRoot(
  folder: string,
  head: Awaited<ReturnType<typeof runGit>>
): Promise<string | undefined> {
  if (head.kind === 'output') return rootOf(topAndCommit(head.text).top)
  if (head.message.includes('dubious ownership')) {
    throw new Fault('GIT_FAILED', 'git does not trust the owner of this repository', {
      remedy: 'git config --global --add safe.directory <folder>'
    })
  }
  if (head.message.includes('not a git repository')) return undefined
  const top = await runGit(folder, ['rev-parse', '--show-toplevel'])
  const name = top.kind === 'output' ? top.text.replace(/\n$/, '') : ''
  return name === '' ? undefined : rootOf(name)
}

function rootOf(top: string): string {
  return guarded('the root of the work tree', () => realpathSync(top))
}

/** The last line is the commit; the folder's name can contain line feeds. */
function topAndCommit(text: string): { readonly top: string; readonly commit: string } {
  const [, top = '', commit = ''] = /^([^]*)\n([0-9a-f]+)\n$/.exec(text) ?? []
  return { top, commit }
}

function checkRevision(revision: string | undefined, head: string): void {
  if (revision === undefined) return
  const isHead = revision === head || (revision.length >= 7 && head.startsWith(revision))
  if (isHead) return
  throw new Fault('REVISION_NOT_HEAD', '--revision is not the checked-out commit', {
    found: JSON.stringify(bound(revision, 80)),
    expected: head,
    remedy: 'Check it out (git worktree add), or omit --revision.'
  })
}

/** The origin of files without a repository, such as an unpacked archive: the caller names the commit. */
function exportedOrigin(options: LocalOptions, folder: string): Origin {
  if (options.revision === undefined) {
    throw new Fault('REVISION_MISSING', 'not a Git work tree', {
      remedy: 'Name the commit of these files: --revision <full commit ID>.'
    })
  }
  const commit = readCommit(options.revision, '--revision')
  const repository = options.repoUrl === undefined ? undefined : repositoryOf(options.repoUrl)
  const root = exportedRoot(options.callerFolder, folder)
  return origin(options, { root, folder, commit, repository, history: noHistory(commit) })
}

/** The nearest folder above with `configs/`; else the caller's folder if the path is below it. */
export function exportedRoot(callerFolder: string, folder: string): string {
  for (let at = path.dirname(folder); at !== path.dirname(at); at = path.dirname(at)) {
    if (hasConfigs(at)) return at
  }
  const caller = guarded('the working folder', () => realpathSync(callerFolder))
  return folder.startsWith(caller + path.sep) ? caller : folder
}

function hasConfigs(folder: string): boolean {
  try {
    return readdirSync(path.join(folder, 'configs')).some(name => name.endsWith('.yaml'))
  } catch {
    return false
  }
}

interface Located {
  readonly root: string
  readonly folder: string
  readonly commit: string
  readonly repository: Repository | undefined
  readonly history: Origin['history']
}

function origin(options: LocalOptions, located: Located): Origin {
  const { root, folder, commit, repository, history } = located
  const sourcePath = path.relative(root, folder).split(path.sep).join('/') || '.'
  const named = sourcePath === '.' ? repository?.url.replace(/\.git$/, '') : sourcePath
  return {
    root,
    context: {
      repository,
      commit,
      targetRevision: 'HEAD',
      appName: options.appName ?? (named === undefined ? undefined : path.posix.basename(named)),
      namespace: options.namespace,
      project: 'default',
      sourcePath
    },
    environment: options.environment,
    assignments: [],
    history
  }
}
