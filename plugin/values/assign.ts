import type { JsonObject } from '../../common/json.ts'
import type { ValueFile } from '../sources.ts'
import type { Assignment } from './assignment.ts'
import { refuseBuiltIn } from './built-in.ts'
import { refuseKeys, setAt } from './key-path.ts'
import { mergeValues } from './merge.ts'

/**
 * The values of a render without the built-in ones: later files override earlier ones, and values set by
 * name override files.
 *
 * @throws {Fault} `VALUES_BUILT_IN`, `VALUES_KEY`, `VALUES_CONFLICT`
 */
export function assignValues(
  files: readonly ValueFile[],
  assignments: readonly Assignment[]
): JsonObject {
  const merged = files.reduce<JsonObject>((below, { file, values }) => {
    refuseKeys(values, file)
    refuseBuiltIn(Object.keys(values), file)
    return mergeValues(below, values)
  }, {})
  return assignments.reduce((below, { keys, value, where }) => {
    refuseBuiltIn(keys.slice(0, 1).map(String), where)
    return setAt(below, keys, value, where)
  }, merged)
}
