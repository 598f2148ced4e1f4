import type { JsonValue } from '../../common/json.ts'

/** The rank of a tensor is small. */
const maxNesting = 32

/** The limit in words. */
export const tooDeep = `nests deeper than ${maxNesting} levels`

/** Whether arrays and objects nest so deeply that walking them could overflow the stack. */
export function nestsTooDeep(value: JsonValue, levels = maxNesting): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some(each => nestsTooDeep(each, levels - 1))
}
