import { lstatSync, readdirSync, realpathSync } from 'node:fs'
import type { Stats } from 'node:fs'
import path from 'node:path'
import { namesIn, readIndex } from './git-index.ts'

/** What is known of a work tree and the files that matter in it. */
export interface Listing {
  /** The length of a hash: 20 for SHA-1, 32 for SHA-256. */
  readonly hashBytes: number
  readonly isWanted: (file: string) => boolean
}

/** Reading a larger index here is slower than a process of Git. */
const maxIndexBytes = 4 * 1024 * 1024
const maxFolders = 1_000

/**
 * The wanted files in folders, or with these paths, if Git tracks all of them, which its index shows without a process of Git: the
 * files that exist of those that `workTreeFiles` lists. Undefined where Git must be asked: for untracked or
 * ignored files, submodules, other repositories, links on the way and an index of another version.
 *
 * @param root absolute path of the root of the work tree, with links resolved
 * @param roots folders and files, by tree path
 */
export function trackedFiles(
  root: string,
  roots: readonly string[],
  { hashBytes, isWanted }: Listing
): readonly string[] | undefined {
  const index = readIndex(root)
  if (index === undefined || index.length > maxIndexBytes) return undefined
  const prefixes = roots.map(each => (each === '.' ? '' : `${bytesOf(each)}/`))
  const names = namesIn(index, hashBytes, name =>
    prefixes.some(start => `${name}/`.startsWith(start))
  )
  if (names === undefined) return undefined
  const isTracked = (file: string) => names.has(bytesOf(file))
  const files: string[] = []
  const folders = [...roots]
  for (const folder of folders) {
    const found = folders.length > maxFolders ? undefined : trackedAt(root, folder, isTracked)
    if (found?.others.some(isWanted) !== false) return undefined
    folders.push(...found.folders)
    files.push(...found.files.filter(isWanted))
  }
  return files
}

interface Found {
  readonly folders: readonly string[]
  readonly files: readonly string[]
  /** Files that Git does not track. */
  readonly others: readonly string[]
}

/** Undefined where {@link trackedIn} is, and for what does not exist. */
function trackedAt(
  root: string,
  treePath: string,
  isTracked: (file: string) => boolean
): Found | undefined {
  const absolute = path.join(root, treePath)
  const stats = statsOf(absolute)
  if (stats?.isDirectory() === true) return trackedIn(root, treePath, isTracked)
  const isKnown = stats !== undefined && isTracked(treePath) && isReal(path.dirname(absolute))
  return isKnown ? { folders: [], files: [treePath], others: [] } : undefined
}

/** Undefined where Git knows what to make of it: a repository in the work tree, a folder in place of a file. */
function trackedIn(
  root: string,
  folder: string,
  isTracked: (file: string) => boolean
): Found | undefined {
  const found = { folders: [] as string[], files: [] as string[], others: [] as string[] }
  for (const entry of entriesOf(root, folder) ?? [undefined]) {
    const file = path.posix.join(folder, entry?.name ?? '')
    if (file === '.git') continue
    if (entry === undefined || entry.name === '.git') return undefined
    if (!entry.isDirectory()) (isTracked(file) ? found.files : found.others).push(file)
    else if (isTracked(file)) return undefined
    else found.folders.push(file)
  }
  return found
}

/** Undefined for anything but a folder that is neither a link nor below one. */
function entriesOf(root: string, folder: string) {
  const absolute = path.join(root, folder)
  if (!isReal(absolute)) return undefined
  try {
    return readdirSync(absolute, { withFileTypes: true })
  } catch {
    return undefined
  }
}

function statsOf(absolute: string): Stats | undefined {
  try {
    return lstatSync(absolute)
  } catch {
    return undefined
  }
}

/** Whether a path exists and has no links. */
function isReal(absolute: string): boolean {
  try {
    return realpathSync(absolute) === absolute
  } catch {
    return false
  }
}

function bytesOf(name: string): string {
  return Buffer.from(name).toString('latin1')
}
