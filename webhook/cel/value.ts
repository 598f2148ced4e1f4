import type { CelInput } from '@bufbuild/cel'
import { isJsonArray } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/**
 * Converts JSON to CEL values. A whole number within int64 becomes an int, because `replicas + 1` and
 * `list[0]` need one and JSON does not distinguish 1 from 1.0; any other number becomes a double.
 *
 * @param doublesUnder a member below which all numbers become doubles, such as measured metrics
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

/** True when the value is within CEL's int64. */
export function isInt64(value: bigint): boolean {
  return value === BigInt.asIntN(64, value)
}
