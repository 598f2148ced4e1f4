import type { CelInput } from '@bufbuild/cel'
import { isJsonArray } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

const int64Limit = 2 ** 63

/**
 * JSON as CEL sees it. A whole number within int64 is an int, for `replicas + 1` and `list[0]` want
 * one and JSON cannot tell 1 from 1.0; any other number is a double.
 *
 * @param doublesUnder a member below which all numbers are doubles, as measured ones have to be
 */
export function celValue(value: JsonValue, doublesUnder?: string): CelInput {
  return convert(value, { doublesUnder, areDoubles: false })
}

interface Numbers {
  readonly doublesUnder: string | undefined
  readonly areDoubles: boolean
}

function convert(value: JsonValue, numbers: Numbers): CelInput {
  if (typeof value === 'number') {
    const isInt = !numbers.areDoubles && Number.isInteger(value) && Math.abs(value) < int64Limit
    return isInt ? BigInt(value) : value
  }
  if (typeof value !== 'object' || value === null) return value
  if (isJsonArray(value)) return value.map(item => convert(item, numbers))
  const members = new Map<string, CelInput>()
  for (const [key, item] of Object.entries(value)) {
    members.set(key, convert(item, key === numbers.doublesUnder ? allDoubles : numbers))
  }
  return members
}

const allDoubles: Numbers = { doublesUnder: undefined, areDoubles: true }
