import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import type { Reach } from '../repository/reach.ts'
import { canLackFiles, readIndex } from './git-index.ts'
import { runGit } from './git.ts'

/** A file of the commit that the checkout does not have, by tree path. */
export interface AbsentFile {
  readonly kind: 'submodule' | 'sparse'
  readonly file: string
}

/**
 * The first submodule that is not checked out, or file that a sparse checkout leaves out, of those that a
 * render reached; undefined if there is none. Without Git data only `.gitmodules` can be checked.
 *
 * @param root the absolute path of the repository's root
 * @throws {Fault} `GIT_*`
 */
export async function absentFile(
  root: string,
  reach: Reach,
  prefix = ''
): Promise<AbsentFile | undefined> {
  const index = readIndex(path.join(root, prefix))
  if (index === undefined) return declaredSubmodule(root, reach, prefix)
  if (!canLackFiles(index)) return undefined
  for (const { tag, mode, file } of await indexEntries(path.join(root, prefix))) {
    const treePath = path.posix.join(prefix, file)
    if (mode === gitlink) {
      if (!reach.wantsBelow(treePath)) continue
      if (isEmpty(path.join(root, treePath))) return { kind: 'submodule', file: treePath }
      const inside = await absentFile(root, reach, treePath)
      if (inside !== undefined) return inside
    } else if (tag === skipped && isMissed(root, reach, treePath)) {
      return { kind: 'sparse', file: treePath }
    }
  }
  return undefined
}

/**
 * The fault of a file that the checkout does not have.
 *
 * @param where the file's name in messages
 */
export function notCheckedOut({ kind, file }: AbsentFile, where: string): Fault {
  return kind === 'submodule'
    ? new Fault('FILE_NOT_CHECKED_OUT', 'the submodule is not checked out', {
        where,
        remedy: `Run git submodule update --init --recursive ${file}. In Argo CD, enable submodules and give it access to their repositories; in Flux, set recurseSubmodules.`
      })
    : new Fault('FILE_NOT_CHECKED_OUT', 'a sparse checkout leaves the file out', {
        where,
        remedy: `Run git sparse-checkout add ${path.posix.dirname(file)}, or git sparse-checkout disable (after git update-index --skip-worktree: --no-skip-worktree, then git checkout).`
      })
}

const gitlink = '160000'
const skipped = 'S'

async function indexEntries(folder: string) {
  // cmp-server's user is not the owner of the checkout.
  const answer = await runGit(folder, ['-c', 'safe.directory=*', 'ls-files', '-t', '-s', '-z'])
  if (answer.kind === 'failed') {
    throw new Fault('GIT_FAILED', 'git ls-files failed', {
      found: answer.message.replaceAll(folder, '.')
    })
  }
  return answer.text.split('\0').flatMap(entry => {
    const [, tag = '', mode = '', file = ''] = /^(\S) (\d+) \S+ \d\t([^]*)$/.exec(entry) ?? []
    return file === '' ? [] : [{ tag, mode, file }]
  })
}

/** A folder with only `.git`, or no folder: Git checks out no empty folders. */
function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).every(name => name === '.git')
  } catch {
    return true
  }
}

/** Whether the render would read a file, or its folder, that does not exist. */
function isMissed(root: string, reach: Reach, file: string): boolean {
  if (exists(path.join(root, file))) return false
  if (reach.wants(file)) return true
  for (let at = path.posix.dirname(file); at !== '.'; at = path.posix.dirname(at))
    if (reach.hasFile(at) && !exists(path.join(root, at))) return true
  return false
}

function exists(file: string): boolean {
  try {
    statSync(file)
    return true
  } catch {
    return false
  }
}

function declaredSubmodule(root: string, reach: Reach, prefix: string): AbsentFile | undefined {
  const file = declaredPaths(path.join(root, prefix))
    .map(declared => path.posix.join(prefix, declared))
    .find(treePath => reach.wantsBelow(treePath) && isEmpty(path.join(root, treePath)))
  return file === undefined ? undefined : { kind: 'submodule', file }
}

function declaredPaths(folder: string): readonly string[] {
  try {
    const text = readFileSync(path.join(folder, '.gitmodules'), 'utf8')
    return [...text.matchAll(/^\s*path\s*=\s*"?([^"\n]*?)"?\s*$/gm)].map(([, file = '']) => file)
  } catch {
    return []
  }
}
