import { closeSync, openSync, readSync } from 'node:fs'
import { applyDelta } from './delta.ts'
import { inflate } from './inflate.ts'
import { offsetOf } from './pack-index.ts'
import { maxObjectBytes } from './stored-object.ts'
import type { ObjectKind, StoredObject } from './stored-object.ts'

/** The kinds of entries that are whole objects, by number. Source: gitformat-pack, section Object types. */
const kinds: readonly (ObjectKind | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag']
const offsetDelta = 6
const idDelta = 7
/** Git makes chains of at most 50 deltas, unless it is told otherwise. */
const maxChain = 60
const maxHeaderBytes = 64

/** A pack with its index. */
export class Pack {
  readonly #file: string
  readonly #index: Buffer
  readonly #objects = new Map<number, StoredObject>()

  /** @param file the path of the pack, ending in `.pack` */
  constructor(file: string, index: Buffer) {
    this.#file = file
    this.#index = index
  }

  /** Undefined if the pack does not have the object, or in a form that only Git reads. */
  read(id: string): StoredObject | undefined {
    const offset = offsetOf(this.#index, id)
    if (offset === undefined) return undefined
    const file = openSync(this.#file, 'r')
    try {
      return this.#objectAt(file, offset, maxChain)
    } finally {
      closeSync(file)
    }
  }

  #objectAt(file: number, offset: number, chain: number): StoredObject | undefined {
    const known = this.#objects.get(offset)
    if (known !== undefined) return known
    const entry = chain === 0 ? undefined : entryAt(file, offset)
    const object = entry === undefined ? undefined : this.#resolve(file, entry, chain)
    if (object !== undefined) this.#objects.set(offset, object)
    return object
  }

  #resolve(file: number, { type, base, bytes }: Entry, chain: number): StoredObject | undefined {
    const kind = kinds[type]
    if (kind !== undefined) return { kind, bytes }
    const baseOffset = typeof base === 'string' ? offsetOf(this.#index, base) : base
    if (baseOffset === undefined) return undefined
    const of = this.#objectAt(file, baseOffset, chain - 1)
    const whole = of === undefined ? undefined : applyDelta(of.bytes, bytes)
    return of === undefined || whole === undefined ? undefined : { kind: of.kind, bytes: whole }
  }
}

/** Source: gitformat-pack, section pack-*.pack files have the following format. */
interface Entry {
  readonly type: number
  /** Of a delta: the offset or the ID of the object that it changes. */
  readonly base: number | string | undefined
  readonly bytes: Buffer
}

function entryAt(file: number, offset: number): Entry | undefined {
  const start = bytesAt(file, offset, maxHeaderBytes)
  const { type, size, end } = typeAndSize(start)
  const { base, end: at } = baseAt(start, end, { type, offset })
  if (size > maxObjectBytes || at >= start.length) return undefined
  const bytes = inflate(bytesAt(file, offset + at, deflatedBytes(size)), size + 1)
  return bytes?.length === size ? { type, base, bytes } : undefined
}

/** The type is in three bits of the first byte, the size in the other bits and in groups of seven. */
function typeAndSize(bytes: Buffer) {
  let byte = bytes[0] ?? 0
  const type = (byte >> 4) & 7
  let [size, end, unit] = [byte & 15, 1, 16]
  for (; byte >= 0x80; unit *= 128) {
    byte = bytes[end++] ?? 0
    size += (byte & 0x7f) * unit
  }
  return { type, size, end }
}

/** An ID, or how far before the delta its base is, with one added for each further group of seven bits. */
function baseAt(
  bytes: Buffer,
  at: number,
  { type, offset }: { readonly type: number; readonly offset: number }
): { readonly base: number | string | undefined; readonly end: number } {
  if (type === idDelta) return { base: bytes.toString('hex', at, at + 20), end: at + 20 }
  if (type !== offsetDelta) return { base: undefined, end: at }
  let end = at
  let byte = bytes[end++] ?? 0
  let distance = byte & 0x7f
  while (byte >= 0x80) {
    byte = bytes[end++] ?? 0
    distance = (distance + 1) * 128 + (byte & 0x7f)
  }
  return { base: distance > 0 && distance < offset ? offset - distance : undefined, end }
}

/** More than zlib needs for some bytes that cannot be compressed, whatever its settings. */
function deflatedBytes(size: number): number {
  return size + (size >> 2) + maxHeaderBytes
}

function bytesAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  return bytes.subarray(0, readSync(file, bytes, 0, length, offset))
}
