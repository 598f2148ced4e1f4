import { lstatSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { inflate } from './inflate.ts'
import { Pack } from './pack.ts'
import { maxObjectBytes } from './stored-object.ts'
import type { ObjectKind, StoredObject } from './stored-object.ts'

/** About 2,200 objects: reading the history of a larger pack here is slower than a process of Git. */
const maxIndexBytes = 64 * 1024
const maxPacks = 8

/**
 * The objects of a small repository, read without a process of Git. What it does not read (objects in
 * other repositories, in packs of many objects, or in forms of other versions) has to be asked of Git.
 */
export class ObjectStore {
  readonly #folder: string
  #packs: readonly Pack[] | undefined
  #left: number

  /**
   * @param folder the folder `objects` of a repository with SHA-1
   * @param maxReads after so many objects the others are left to Git
   */
  constructor(folder: string, maxReads: number) {
    this.#folder = folder
    this.#left = maxReads
  }

  /** Undefined where Git must be asked. Never throws because of what the repository contains. */
  read(id: string): StoredObject | undefined {
    if (--this.#left < 0 || !/^[0-9a-f]{40}$/.test(id)) return undefined
    try {
      this.#packs ??= packsIn(path.join(this.#folder, 'pack'))
      for (const pack of this.#packs ?? []) {
        const object = pack.read(id)
        if (object !== undefined) return object
      }
      return this.#packs === undefined ? undefined : looseObject(this.#folder, id)
    } catch (error) {
      // Of the system: a file that cannot be read, or that Git has just packed.
      if (typeof (error as NodeJS.ErrnoException).code === 'string') return undefined
      throw error
    }
  }
}

/** Undefined if there are many packs, or large ones. */
function packsIn(folder: string): readonly Pack[] | undefined {
  const names = readdirSync(folder).filter(name => name.endsWith('.idx'))
  if (names.length > maxPacks) return undefined
  const files = names.map(name => path.join(folder, name))
  if (!files.every(file => isSmallFile(file, maxIndexBytes))) return undefined
  return files.map(file => new Pack(file.replace(/idx$/, 'pack'), readFileSync(file)))
}

/** Source: gitformat-loose. */
function looseObject(folder: string, id: string): StoredObject | undefined {
  const file = path.join(folder, id.slice(0, 2), id.slice(2))
  if (!isSmallFile(file, maxObjectBytes)) return undefined
  const whole = inflate(readFileSync(file), maxObjectBytes)
  const end = whole?.indexOf(0) ?? -1
  if (whole === undefined || end === -1) return undefined
  const [, kind, size] =
    /^(commit|tree|blob|tag) (\d+)$/.exec(whole.toString('latin1', 0, end)) ?? []
  const bytes = whole.subarray(end + 1)
  return kind === undefined || Number(size) !== bytes.length
    ? undefined
    : { kind: kind as ObjectKind, bytes }
}

function isSmallFile(file: string, maxBytes: number): boolean {
  const stats = lstatSync(file)
  return stats.isFile() && stats.size <= maxBytes
}
