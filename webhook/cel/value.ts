import type { CelInput } from '@bufbuild/cel'
import { isJsonArray } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

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
  if (typeof value === 'number' || typeof value === 'bigint') {
    const int = numbers.areDoubles || !Number.isInteger(Number(value)) ? undefined : BigInt(value)
    return int !== undefined && isInt64(int) ? int : Number(value)
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

/** Whether an int of CEL holds the value. */
export function isInt64(value: bigint): boolean {
  return value === BigInt.asIntN(64, value)
}
