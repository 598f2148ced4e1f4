import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { systemFault } from '../system-fault.ts'

/** The index of the work tree whose root is this folder; undefined if it has none. */
export function readIndex(folder: string): Buffer | undefined {
  const dotGit = path.join(folder, '.git')
  try {
    const gitFolder = statSync(dotGit).isDirectory()
      ? dotGit
      : path.resolve(
          folder,
          readFileSync(dotGit, 'utf8')
            .replace(/^gitdir: /, '')
            .trim()
        )
    return readFileSync(path.join(gitFolder, 'index'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw systemFault(error, '.git/index')
  }
}

const gitlinkMode = Buffer.from([0, 0, 0xe0, 0])

/**
 * Whether an index can contain gitlinks or skip-worktree entries, so that Git must be asked. Only versions
 * from 3 have skip-worktree bits; a split index has its entries elsewhere.
 * Source: gitformat-index.
 */
export function canLackFiles(index: Buffer): boolean {
  return (
    index.length < 12 ||
    index.readUInt32BE(4) > 2 ||
    index.includes(gitlinkMode) ||
    index.includes('link\0', 0, 'latin1')
  )
}

/**
 * Whether an index can contain entries that Git takes for unchanged (assume-unchanged, skip-worktree), so that
 * Git must be asked.
 *
 * @param hashBytes the length of a hash: 20 for SHA-1, 32 for SHA-256
 */
export function canHideChanges(index: Buffer, hashBytes: number): boolean {
  return namesIn(index, hashBytes) === undefined
}

/**
 * The wanted names of an index, as bytes in latin1, with the offsets of their entries; undefined for an
 * index for which {@link canHideChanges}.
 *
 * @param hashBytes the length of a hash: 20 for SHA-1, 32 for SHA-256
 */
export function namesIn(
  index: Buffer,
  hashBytes: number,
  isWanted?: (name: string) => boolean
): ReadonlyMap<string, number> | undefined {
  return readEntries(index, hashBytes, isWanted)?.names
}

/** The entries of an index, and the object ID of the tree that is the same as all of them. */
export interface IndexEntries {
  /** The offsets of entries, by name as bytes in latin1. */
  readonly names: ReadonlyMap<string, number>
  /** Undefined if the index was changed since it was the same as a tree. */
  readonly tree: string | undefined
}

/** All entries of an index; undefined for one for which {@link canHideChanges}. */
export function entriesIn(index: Buffer, hashBytes: number): IndexEntries | undefined {
  const read = readEntries(index, hashBytes, () => true)
  if (read === undefined) return undefined
  return { names: read.names, tree: treeIn(index.subarray(read.end), hashBytes) }
}

function readEntries(
  index: Buffer,
  hashBytes: number,
  isWanted: ((name: string) => boolean) | undefined
) {
  if (canLackFiles(index)) return undefined
  const names = new Map<string, number>()
  const end = index.length - hashBytes
  let at = 12
  for (let count = index.readUInt32BE(8); count > 0; count--) {
    const flagsAt = at + 40 + hashBytes
    if (flagsAt + 2 > end) return undefined
    const flags = index.readUInt16BE(flagsAt)
    const nameLength = flags & 0xfff
    if ((flags & assumeUnchanged) !== 0 || nameLength === 0xfff) return undefined
    if (isWanted !== undefined) {
      const name = index.toString('latin1', flagsAt + 2, flagsAt + 2 + nameLength)
      if (isWanted(name)) names.set(name, at)
    }
    // One to eight NUL bytes end an entry, whose length is a multiple of eight.
    at += (42 + hashBytes + nameLength + 8) & ~7
  }
  return at > end ? undefined : { names, end: at }
}

/**
 * The root of the extension `TREE`, which follows the entries: a NUL byte, the number of entries (-1 if they
 * are not those of the tree), a space, another number, a line feed and the hash. Source: gitformat-index.
 */
function treeIn(extensions: Buffer, hashBytes: number): string | undefined {
  let at = 0
  while (at + 8 + hashBytes <= extensions.length) {
    const start = at + 8
    if (extensions.toString('latin1', at, at + 4) === 'TREE') {
      const [found = '', count] =
        /^\0(-?\d+) \d+\n/.exec(extensions.toString('latin1', start, start + 40)) ?? []
      if (count === undefined || count.startsWith('-')) return undefined
      const hash = start + found.length
      return extensions.toString('hex', hash, hash + hashBytes)
    }
    at = start + extensions.readUInt32BE(at + 4)
  }
  return undefined
}

const assumeUnchanged = 0x8000
