import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Checkout } from '../checkout.ts'
import type { CommitLog } from './commit-log.ts'
import { shallowCommits } from './git-folder.ts'
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

/** The outermost submodule of a work tree that a tree path is in: Git matches no path inside of it. */
export function submoduleAround(root: string, treePath: string): string | undefined {
  const parts = treePath.split('/')
  return parts
    .map((_, index) => parts.slice(0, index + 1).join('/'))
    .find(folder => folder !== '.' && existsSync(path.join(root, folder, '.git')))
}
