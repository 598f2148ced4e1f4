import { UsageError } from '../../common/command.ts'
import type { JsonValue } from '../../common/json.ts'

/** One value set by name: by an option, a parameter or the plugin's environment. */
export interface Assignment {
  readonly keys: readonly string[]
  readonly value: JsonValue
  /** The option, parameter or variable, for messages. */
  readonly where: string
}

/**
 * Splits the `a.b=value` of `--set`. As in Helm, true, false, null and integers without leading zeros
 * have their type; anything else is a string (`1.10` stays `1.10`).
 *
 * @throws {UsageError} without a name or an equals sign; the message does not show the value
 */
export function splitAssignment(text: string): {
  readonly name: string
  readonly value: JsonValue
} {
  const equals = text.indexOf('=')
  if (equals < 1) {
    throw new UsageError('--set needs a name and a value, such as --set image.tag=v1')
  }
  return { name: text.slice(0, equals), value: readSetValue(text.slice(equals + 1)) }
}

function readSetValue(text: string): JsonValue {
  if (text === 'true' || text === 'false') return text === 'true'
  if (text === 'null') return null
  if (!/^(?:0|-?[1-9][0-9]{0,18})$/.test(text)) return text
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}
