import type { JsonValue } from '../../common/json.ts'
import type { Place } from './place.ts'

/** Whether the webhook of an operator sets what is at a place of its kind. */
export type Sets = (place: Place) => boolean

/** What a webhook sets in a kind, by exact path without indices; `*` is any key of a map. */
export type Additions = Readonly<Record<string, Sets>>

/** The webhook sets this value, whatever else the object has. */
export function always(value: JsonValue): Sets {
  return ({ found }) => found === value
}
