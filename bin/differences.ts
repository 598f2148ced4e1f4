import { isJsonArray, isJsonObject } from '../common/json.ts'
import type { JsonObject, JsonValue } from '../common/json.ts'
import { annotations } from '../evidence/annotations.ts'

/** Lists the differences of two objects: `spec.replicas: 1 -> 3`. Signatures, which always differ, are left out. */
export function differences(left: JsonObject, right: JsonObject): readonly string[] {
  return compare('', left, right).filter(line => !line.includes(annotations.attestation))
}

function compare(
  field: string,
  left: JsonValue | undefined,
  right: JsonValue | undefined
): string[] {
  if (isJsonObject(left) && isJsonObject(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)])
    return [...keys].flatMap(key =>
      compare(field === '' ? key : `${field}.${key}`, left[key], right[key])
    )
  }
  if (isJsonArray(left) && isJsonArray(right) && left.length === right.length) {
    return left.flatMap((item, index) => compare(`${field}[${index}]`, item, right[index]))
  }
  return show(left) === show(right) ? [] : [`${field}: ${show(left)} -> ${show(right)}`]
}

function show(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing'
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value).slice(0, 60)
}
