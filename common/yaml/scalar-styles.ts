import { SCALAR_STYLE } from 'js-yaml'
import type { ScalarEvent } from 'js-yaml'
import type { JsonObject, JsonValue } from '../json.ts'

/** How a scalar is written. */
export type ScalarStyle = 'plain' | 'single quotes' | 'double quotes' | 'literal' | 'folded'

const names: Readonly<Record<ScalarEvent['style'], ScalarStyle>> = {
  [SCALAR_STYLE.PLAIN]: 'plain',
  [SCALAR_STYLE.SINGLE_QUOTED]: 'single quotes',
  [SCALAR_STYLE.DOUBLE_QUOTED]: 'double quotes',
  [SCALAR_STYLE.LITERAL_BLOCK]: 'literal',
  [SCALAR_STYLE.FOLDED_BLOCK]: 'folded'
}

/** The collection that is being read. A mapping without a key is waiting for one. */
interface OpenCollection {
  readonly kind: 'document' | 'mapping' | 'sequence'
  readonly members: JsonObject
  readonly items: readonly JsonValue[]
  readonly key: string | undefined
}

/** How the keys and values that a caller wants are written. Aliases have no style. */
export class ScalarStyles {
  readonly #isWanted: (text: string) => boolean
  readonly #values = new Map<JsonValue, Map<string, ScalarStyle>>()
  readonly #keys = new Map<JsonValue, Map<string, ScalarStyle>>()

  /** @param isWanted selects scalars by their text */
  constructor(isWanted: (text: string) => boolean) {
    this.#isWanted = isWanted
  }

  /**
   * How the value of a member or an item is written.
   *
   * @param key of an item: its index in decimal digits
   */
  ofValue(container: JsonValue, key: string): ScalarStyle | undefined {
    return this.#values.get(container)?.get(key)
  }

  /** How a key is written. */
  ofKey(container: JsonValue, key: string): ScalarStyle | undefined {
    return this.#keys.get(container)?.get(key)
  }

  /** Called by the reader with the next scalar of a collection. */
  keep(into: OpenCollection, text: string, style: ScalarEvent['style']): void {
    if (!this.#isWanted(text)) return
    const isMapping = into.kind === 'mapping'
    const container = isMapping ? into.members : into.items
    const isKey = isMapping && into.key === undefined
    const key = isKey ? text : (into.key ?? String(into.items.length))
    const styles = isKey ? this.#keys : this.#values
    const known = styles.get(container) ?? new Map<string, ScalarStyle>()
    styles.set(container, known.set(key, names[style]))
  }
}
