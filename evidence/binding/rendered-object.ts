import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { Fault } from '../../common/fault.ts'
import { isJsonObject, stringifyJson } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/** A rendered object in a statement: standard base64 of its canonical JSON, compressed with Brotli. */
export interface EncodedObject {
  readonly brotli: string
}

/**
 * `BROTLI_PARAM_QUALITY` and `BROTLI_PARAM_LGWIN` of node:zlib; an import of its `constants` would load that
 * module at the start of every render.
 */
const [brotliQuality, brotliWindow] = [1, 2]

/**
 * Brotli of the lowest quality that searches for matches. Unlike zlib, whose bytes depend on the
 * processor, its encoder is the same on every machine (docs/decisions/0017-rendered-object.md).
 */
const params = { [brotliQuality]: 1, [brotliWindow]: 18 }

/** `Z_MIN_CHUNK` of node:zlib. */
const leastChunkBytes = 64

/** An object in etcd has at most 1.5 MiB. */
const maxObjectBytes = 4 * 1024 * 1024

/** Encodes what a statement binds of a rendered object: all but `metadata` and `status`. */
export function encodeRendered(object: JsonObject): EncodedObject {
  const text = stringifyJson(boundMembers(object), { sortKeys: true })
  // Node allocates a chunk for each call, of 16 KiB by default.
  const chunkSize = Math.max(leastChunkBytes, text.length)
  return { brotli: brotliCompressSync(text, { params, chunkSize }).toString('base64') }
}

/** A rendered object, and the bytes of its JSON. */
export interface DecodedObject {
  readonly object: JsonObject
  readonly bytes: number
}

/**
 * Decodes what {@link encodeRendered} wrote.
 *
 * @throws {Fault} `ATTESTATION_INVALID`
 */
export function decodeRendered({ brotli }: EncodedObject): DecodedObject {
  let object: JsonValue
  let json: Buffer
  try {
    json = brotliDecompressSync(Buffer.from(brotli, 'base64'), { maxOutputLength: maxObjectBytes })
    object = JSON.parse(json.toString()) as JsonValue
  } catch {
    throw unreadable('it is not JSON that was compressed with Brotli')
  }
  if (!isJsonObject(object)) throw unreadable('it is not an object')
  return { object, bytes: json.length }
}

/** Metadata is changed by whoever applies the object, and its identity is stated apart; status is no input. */
export function boundMembers(object: JsonObject): JsonObject {
  const bound = Object.entries(object).filter(([key]) => key !== 'metadata' && key !== 'status')
  return Object.fromEntries(bound)
}

function unreadable(reason: string): Fault {
  return new Fault(
    'ATTESTATION_INVALID',
    `the rendered object of the statement is unreadable: ${reason}`
  )
}
