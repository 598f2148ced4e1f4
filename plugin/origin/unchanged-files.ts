import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import path from 'node:path'
import type { Reach, Selected } from '../repository/reach.ts'
import { entriesIn, readIndex } from './git-index.ts'

/** A work tree and the tree of its commit. */
interface Compared {
  /** The absolute path of the root, with links resolved. */
  readonly root: string
  /** The object ID of the commit's tree. */
  readonly tree: string
}

/** Reading a larger index, more folders or larger files here is slower than a process of Git. */
const maxIndexBytes = 4 * 1024 * 1024
const maxFolders = 1_000
const maxFileBytes = 8 * 1024 * 1024

/**
 * Whether Git's index shows that `workTreeChanges` would find nothing: it is the same as the commit, and no
 * file that the render reached differs from it, or is not in it. False where it does not show that, such as
 * for ignored files, for repositories in the work tree, and for files that Git converts.
 */
export function isUnchanged(compared: Compared, reach: Reach): boolean {
  try {
    return areSame(compared, reach)
  } catch (error) {
    // Of the system: a file that cannot be read, or that another program has just removed.
    if (typeof (error as NodeJS.ErrnoException).code === 'string') return false
    throw error
  }
}

function areSame({ root, tree }: Compared, reach: Reach): boolean {
  // Before it is read, so that an index that is written meanwhile is taken for an older one.
  const secondsOfIndex = secondsOf(indexStats(root))
  const index = readIndex(root)
  if (index === undefined || index.length > maxIndexBytes) return false
  const entries = entriesIn(index, tree.length / 2)
  if (entries?.tree !== tree) return false
  const { names } = entries
  const above = foldersAbove(reach.files)
  for (const folder of above) if (existsSync(path.join(root, folder, '.git'))) return false
  for (const [name, at] of names) {
    const file = textOf(name)
    if (!reach.wants(file) && !above.has(file)) continue
    const entry = index.subarray(at, at + 42 + tree.length / 2)
    if (!isSame(path.join(root, file), entry, secondsOfIndex)) return false
  }
  const isTracked = (file: string) => names.has(bytesOf(file))
  return (
    [...reach.files].every(file => isTracked(file) || !isFile(path.join(root, file))) &&
    reach.selections.every(selected => hasOnlyTracked(root, selected, isTracked))
  )
}

function indexStats(root: string): Stats | undefined {
  return statSync(path.join(root, '.git/index'), { throwIfNoEntry: false })
}

/** The folders that contain files, without the root. */
function foldersAbove(files: ReadonlySet<string>): ReadonlySet<string> {
  const folders = new Set<string>()
  for (const file of files) {
    let folder = path.posix.dirname(file)
    for (; folder !== '.' && !folders.has(folder); folder = path.posix.dirname(folder)) {
      folders.add(folder)
    }
  }
  return folders
}

/**
 * Compares a file with its entry: by its status as Git does, and by its content where the status differs or
 * the file could have changed since in the same second. Source: gitformat-index, racy-git.
 */
function isSame(absolute: string, entry: Buffer, secondsOfIndex: number): boolean {
  const stats = lstatSync(absolute, { throwIfNoEntry: false })
  const flags = entry.readUInt16BE(entry.length - 2)
  if (stats === undefined || (flags & stages) !== 0 || modeOf(stats) !== entry.readUInt32BE(24)) {
    return false
  }
  const known = [0, 8, 20, 28, 32, 36].map(at => entry.readUInt32BE(at))
  const { ino, uid, gid, size } = stats
  const now = [Math.floor(stats.ctimeMs / 1_000), secondsOf(stats), ino, uid, gid, size]
  const isKnown = now.every((value, at) => value % 2 ** 32 === known[at])
  if (isKnown && secondsOf(stats) < secondsOfIndex) return true
  if (size > maxFileBytes) return false
  return (
    objectId(absolute, stats, entry.length - 42) === entry.toString('hex', 40, entry.length - 2)
  )
}

/** The two bits for the stage of a merge. */
const stages = 0x3000

/** The mode that Git would give a file; undefined for what it does not track. */
function modeOf(stats: Stats): number | undefined {
  if (stats.isSymbolicLink()) return 0o120000
  if (!stats.isFile()) return undefined
  return (stats.mode & 0o100) === 0 ? 0o100644 : 0o100755
}

/** The Git object ID of a file's bytes, without conversions such as those of line ends. */
function objectId(absolute: string, stats: Stats, hashBytes: number): string {
  const bytes = stats.isFile() ? readFileSync(absolute) : readlinkSync(absolute, 'buffer')
  return createHash(hashBytes === 20 ? 'sha1' : 'sha256')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex')
}

function secondsOf(stats: Stats | undefined): number {
  return stats === undefined ? 0 : Math.floor(stats.mtimeMs / 1_000)
}

/** Anything that exists and is not a folder. */
function isFile(absolute: string): boolean {
  try {
    return !lstatSync(absolute).isDirectory()
  } catch {
    return false
  }
}

/** Whether Git tracks all files of a selection that exist. */
function hasOnlyTracked(
  root: string,
  { folder: top, selection }: Selected,
  isTracked: (file: string) => boolean
): boolean {
  const folders = ['.']
  for (const folder of folders) {
    if (folders.length > maxFolders) return false
    for (const entry of entriesOf(path.join(root, top, folder))) {
      const inside = path.posix.join(folder, entry.name)
      const file = path.posix.join(top, inside)
      if (file === '.git') continue
      if (entry.name === '.git') return false
      if (!entry.isDirectory()) {
        if (!isTracked(file) && selection.has(inside)) return false
      } else if (isTracked(file)) return false
      else if (selection.reaches(inside)) folders.push(inside)
    }
  }
  return true
}

function entriesOf(folder: string) {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : []
}

function bytesOf(name: string): string {
  return Buffer.from(name).toString('latin1')
}

function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString()
}
