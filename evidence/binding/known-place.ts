import type { JsonValue } from '../../common/json.ts'
import { isVoid } from './equivalent.ts'
import { knownDefaultsAt } from './known-defaults.ts'
import type { Default } from './known-defaults.ts'
import { coreGroups } from './running-paths.ts'

/** A kind by which defaults are known. */
export interface Kind {
  readonly group: string
  readonly kind: string
}

/** What is known of a path of a kind, without indices: all items of a list share it. */
export class KnownPlace {
  readonly names: readonly string[]
  readonly #kind: Kind
  #children: Map<string, KnownPlace> | undefined
  #defaults: Map<string, readonly Default[]> | undefined

  constructor(kind: Kind, names: readonly string[]) {
    this.#kind = kind
    this.names = names
  }

  /** The place of a member. */
  child(name: string): KnownPlace {
    this.#children ??= new Map()
    const known = this.#children.get(name)
    if (known !== undefined) return known
    const child = new KnownPlace(this.#kind, [...this.names, name])
    this.#children.set(name, child)
    return child
  }

  /** The defaults of a member. Only those of members that have some are kept, so that no object can fill it. */
  defaultsOf(name: string): readonly Default[] {
    const known = this.#defaults?.get(name)
    if (known !== undefined) return known
    const found = knownDefaultsAt(this.#kind, [...this.names, name])
    if (found.length > 0) {
      this.#defaults ??= new Map()
      this.#defaults.set(name, found)
    }
    return found
  }

  /** Whether a member with this value says the same as without it. */
  isVoid(name: string, value: JsonValue): boolean {
    return isVoidIn(this.#kind, name, value)
  }
}

/** Whether a value of an object of a kind says the same as its absence. */
export function isVoidIn({ group }: Kind, name: string, value: JsonValue): boolean {
  return isVoid(value, name, !coreGroups.has(group))
}
