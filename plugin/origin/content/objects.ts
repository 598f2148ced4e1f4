import { Fault } from '../../../common/fault.ts'
import type { Checkout } from '../checkout.ts'
import { streamGit } from '../git.ts'
import { ObjectStore } from '../stored/object-store.ts'
import type { StoredObject } from '../stored/stored-object.ts'
import { plainObjects } from './git-folder.ts'

/** Takes an object's bytes; undefined if it has more than {@link maxObjectBytes}. */
export type TakeObject = (id: string, bytes: Buffer | undefined) => void

/** A render reads no larger file either. */
export const maxObjectBytes = 8 * 1024 * 1024

/**
 * Reads objects, with one process of git if they are not a few small ones, and passes on those that the
 * repository has. In a partial clone others are missing, and are never fetched.
 *
 * @throws {Fault} `GIT_*`
 */
export async function readObjects(
  { root, settings }: Checkout,
  ids: readonly string[],
  take: TakeObject
): Promise<void> {
  if (ids.length === 0) return
  const stored = storedObjects(root, ids)
  if (stored !== undefined) {
    for (const [index, { bytes }] of stored.entries()) take(ids[index] ?? '', bytes)
    return
  }
  const reader = new BatchReader(take)
  // Git before 2.44 ends at the first object that a partial clone would have to fetch.
  await streamGit(root, [...settings, 'cat-file', '--batch', '--buffer'], {
    input: ids.map(id => `${id}\n`).join(''),
    take: part => {
      reader.take(part)
    }
  })
}

/** Undefined where Git must be asked about one of them. */
function storedObjects(root: string, ids: readonly string[]): readonly StoredObject[] | undefined {
  const folder = ids.length > maxStored ? undefined : plainObjects(root)
  if (folder === undefined) return undefined
  const store = new ObjectStore(folder, maxStored)
  const objects: StoredObject[] = []
  for (const id of ids) {
    const object = store.read(id)
    if (object === undefined) return undefined
    objects.push(object)
  }
  return objects
}

/** Git reads more objects faster, although it has to be started. */
const maxStored = 100

/**
 * Reads the output of `git cat-file --batch`: `<object> <type> <size>`, a line feed, the bytes and a line
 * feed; or `<object> missing`. Source: git-cat-file, section Batch output.
 */
class BatchReader {
  readonly #take: TakeObject
  #line = ''
  #object: { readonly id: string; readonly parts: Buffer[]; left: number } | undefined
  #isTooLarge = false

  constructor(take: TakeObject) {
    this.#take = take
  }

  take(part: Buffer): void {
    let rest = part
    while (rest.length > 0) {
      rest = this.#object === undefined ? this.#takeHeader(rest) : this.#takeBytes(rest)
    }
  }

  #takeHeader(part: Buffer): Buffer {
    const end = part.indexOf(lineFeed)
    this.#line += part.toString('latin1', 0, end === -1 ? part.length : end)
    if (end === -1) return Buffer.alloc(0)
    const [, id = '', size = ''] = /^([0-9a-f]+) [a-z]+ (\d+)$/.exec(this.#line) ?? []
    if (id !== '') {
      this.#object = { id, parts: [], left: Number(size) + 1 }
      this.#isTooLarge = Number(size) > maxObjectBytes
    } else if (!this.#line.endsWith(' missing')) {
      throw new Fault('GIT_FAILED', 'git cat-file printed an unknown line')
    }
    this.#line = ''
    return part.subarray(end + 1)
  }

  #takeBytes(part: Buffer): Buffer {
    const object = this.#object
    if (object === undefined) return part
    const length = Math.min(object.left, part.length)
    if (!this.#isTooLarge) object.parts.push(part.subarray(0, length))
    object.left -= length
    if (object.left === 0) {
      this.#object = undefined
      const bytes = Buffer.concat(object.parts).subarray(0, -1)
      this.#take(object.id, this.#isTooLarge ? undefined : bytes)
    }
    return part.subarray(length)
  }
}

const lineFeed = 10
