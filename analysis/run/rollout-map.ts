import type { RolloutName } from '../event/message.ts'

/** A map by rollout. Every event is looked up in it, so names are not joined into one key. */
export class RolloutMap<Value> {
  readonly #byNamespace = new Map<string, Map<string, Value>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get({ namespace, name }: RolloutName): Value | undefined {
    return this.#byNamespace.get(namespace)?.get(name)
  }

  set({ namespace, name }: RolloutName, value: Value): void {
    const byName = this.#byNamespace.get(namespace) ?? new Map<string, Value>()
    this.#byNamespace.set(namespace, byName)
    if (!byName.has(name)) this.#size += 1
    byName.set(name, value)
  }

  delete({ namespace, name }: RolloutName): void {
    const byName = this.#byNamespace.get(namespace)
    if (byName?.delete(name) !== true) return
    this.#size -= 1
    if (byName.size === 0) this.#byNamespace.delete(namespace)
  }

  *values(): Iterable<Value> {
    for (const byName of this.#byNamespace.values()) yield* byName.values()
  }
}
