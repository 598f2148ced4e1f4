import { inflateSync } from 'node:zlib'

/**
 * Inflates a zlib stream that may be followed by other bytes. Undefined for one that is damaged, cut off, or
 * longer than allowed.
 */
export function inflate(bytes: Uint8Array, maxBytes: number): Buffer | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: maxBytes })
  } catch {
    return undefined
  }
}
