import t from 'tap'
import { Fault } from '../../common/fault.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { jsonPatch } from '../../plugin/patch/json-patch.ts'
import type { Operation } from '../../plugin/patch/patch.ts'

/**
 * The patched document, or the index of the operation that failed and why: `0: /a does not exist`.
 * Asserts that neither argument is changed.
 */
export function patched(document: JsonObject, ...operations: readonly Operation[]): unknown {
  const before = structuredClone([document, operations])
  try {
    return jsonPatch(document, operations)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return error.message.replace(/^JSON patch operation (\d+) failed: /, '$1: ')
  } finally {
    t.same([document, operations], before, 'neither argument is changed')
  }
}

export const add = (path: string, value: JsonValue): Operation => ({ op: 'add', path, value })
export const remove = (path: string): Operation => ({ op: 'remove', path })
export const replace = (path: string, value: JsonValue): Operation => ({
  op: 'replace',
  path,
  value
})
export const move = (from: string, path: string): Operation => ({ op: 'move', from, path })
export const copy = (from: string, path: string): Operation => ({ op: 'copy', from, path })
export const check = (path: string, value: JsonValue): Operation => ({ op: 'test', path, value })

/** One operation of each kind that needs a value at `path`. */
export function needing(path: string): readonly Operation[] {
  return [remove(path), replace(path, 1), check(path, 1), copy(path, '/new'), move(path, '/new')]
}
