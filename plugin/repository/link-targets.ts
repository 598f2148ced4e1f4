import { lstatSync, readlinkSync, realpathSync } from 'node:fs'
import path from 'node:path'

/** More links in a row are an error of the system (ELOOP). */
const maxLinks = 40

/**
 * The tree paths that a link leads to, one for each link in a row. The last one need not exist: it can be in
 * a submodule that is not checked out. Ends at a target outside of the repository.
 *
 * @param root absolute path of the repository's root, with links resolved
 */
export function linkTargets(root: string, treePath: string): readonly string[] {
  const targets: string[] = []
  let at = path.join(root, treePath)
  while (targets.length < maxLinks && isLink(at)) {
    at = withRealFolder(path.resolve(path.dirname(at), readlinkSync(at)))
    const inside = path.relative(root, at)
    if (inside.startsWith('..') || path.isAbsolute(inside)) break
    targets.push(inside)
  }
  return targets
}

function isLink(file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink()
  } catch {
    return false
  }
}

/** The folder of a target can be below a link itself. */
function withRealFolder(file: string): string {
  try {
    return path.join(realpathSync(path.dirname(file)), path.basename(file))
  } catch {
    return file
  }
}
