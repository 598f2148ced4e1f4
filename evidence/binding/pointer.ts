import type { Segment } from './place.ts'

/** A JSON Pointer (RFC 6901), read. */
export type Pointer = readonly string[]

/**
 * Reads a JSON Pointer.
 *
 * @returns undefined for a text that is not one, and for the root
 */
export function readPointer(text: string): Pointer | undefined {
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined
  return text
    .slice(1)
    .split('/')
    .map(each => each.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Writes the JSON Pointer of a path. */
export function writePointer(path: readonly Segment[]): string {
  return path.map(each => `/${String(each).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Whether a pointer leads to the place of a path, or to one that contains it. */
export function covers(pointer: Pointer, path: readonly Segment[]): boolean {
  return pointer.length <= path.length && pointer.every((each, at) => each === String(path[at]))
}
