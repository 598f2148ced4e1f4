import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'

/** The target of a link as it is written, and what it leads to. */
export interface LinkTarget {
  readonly bytes: Buffer
  readonly leadsTo:
    | { readonly kind: 'file' | 'folder'; readonly treePath: string }
    | { readonly kind: 'outside' | 'nowhere' }
}

/**
 * Reads a link of a repository, without opening what it leads to.
 *
 * @throws {Error} of the system
 */
export function linkTarget(root: string, absolute: string): LinkTarget {
  const bytes = readlinkSync(absolute, 'buffer')
  const real = realPath(absolute)
  if (real === undefined) return { bytes, leadsTo: { kind: 'nowhere' } }
  const inside = path.relative(root, real)
  if (isForbidden(inside)) return { bytes, leadsTo: { kind: 'outside' } }
  const kind = statSync(real).isDirectory() ? 'folder' : 'file'
  return { bytes, leadsTo: { kind, treePath: inside === '' ? '.' : inside } }
}

/**
 * Resolves a link to another file of the repository; any other target is refused.
 *
 * @param nameOf returns the file's name in messages
 * @throws {Fault} `PATH_OUTSIDE`, {Error} of the system
 */
export function realFile(
  root: string,
  absolute: string,
  nameOf: () => string
): { readonly file: string; readonly stats: Stats } {
  const stats = lstatSync(absolute)
  if (!stats.isSymbolicLink()) return { file: absolute, stats }
  const real = realpathSync(absolute)
  const inside = path.relative(root, real)
  if (isOutside(inside)) {
    throw new Fault('PATH_OUTSIDE', 'the link points outside the repository', {
      where: nameOf(),
      remedy: 'Copy the file into the repository.'
    })
  }
  if (isForbidden(inside)) {
    throw new Fault('PATH_OUTSIDE', 'the link points into .git', { where: nameOf() })
  }
  return { file: real, stats: statSync(real) }
}

function isOutside(inside: string): boolean {
  return inside.startsWith('..') || path.isAbsolute(inside)
}

/** Outside, or in `.git`. */
function isForbidden(inside: string): boolean {
  return isOutside(inside) || inside.split(path.sep).includes('.git')
}

function realPath(absolute: string): string | undefined {
  try {
    return realpathSync(absolute)
  } catch {
    return undefined
  }
}
