import type { JsonValue } from '../../common/json.ts'

/** Tensors have a rank of a few. */
const maxNesting = 32

/** How deep is too deep, in words. */
export const tooDeep = `nests deeper than ${maxNesting} levels`

/** Whether lists and mappings nest so deep that whoever walks them could run out of stack. */
export function nestsTooDeep(value: JsonValue, levels = maxNesting): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some(each => nestsTooDeep(each, levels - 1))
}
