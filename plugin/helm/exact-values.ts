import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, propertyName } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/**
 * Refuses integers that Helm would round: it reads every number of a value file as a double.
 *
 * @throws {Fault} `VALUES_NUMBER` with the name of the value
 */
export function refuseRounded(values: JsonValue, name = '.Values'): void {
  if (typeof values === 'bigint' && BigInt(Number(values)) !== values) {
    throw new Fault('VALUES_NUMBER', `Helm rounds the number ${name}`, {
      expected: 'an integer that a 64-bit float keeps, such as one up to 9007199254740992',
      remedy: 'Put it in quotes, and use it as a string in the chart.'
    })
  }
  if (isJsonArray(values)) {
    for (const [index, item] of values.entries()) refuseRounded(item, `${name}[${index}]`)
  } else if (isJsonObject(values)) {
    for (const [key, inner] of Object.entries(values))
      refuseRounded(inner, `${name}.${propertyName(key)}`)
  }
}
