import type { JsonValue } from '../../common/json.ts'
import type { PathKey } from './key-path.ts'

/** One value set by name: by an option, a parameter or the plugin's environment. */
export interface Assignment {
  readonly keys: readonly PathKey[]
  readonly value: JsonValue
  /** The value as it was written: a string, or a list or an object of strings. */
  readonly text: JsonValue
  /** The option, parameter or variable, for messages. */
  readonly where: string
}
