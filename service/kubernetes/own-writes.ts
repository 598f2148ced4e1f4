import type { ApiObject } from './api-object.ts'

interface Written {
  readonly newest: ApiObject
  /** Versions that the newest replaced. */
  readonly replaced: Set<string>
}

/**
 * Objects as we wrote them, until an informer has received them: a watch event arrives later than the
 * answer to a write, and an object read in between would be written again. Versions are compared for
 * equality only.
 */
export class OwnWrites {
  readonly #written = new Map<string, Written>()

  /** Records the answer of the API server to a write. */
  add(before: ApiObject, after: ApiObject): void {
    if (before.resourceVersion === after.resourceVersion) return
    const replaced = this.#written.get(after.uid)?.replaced ?? new Set()
    replaced.add(before.resourceVersion)
    const last = this.#written.get(after.uid)?.newest
    if (last !== undefined) replaced.add(last.resourceVersion)
    replaced.delete(after.resourceVersion)
    this.#written.set(after.uid, { newest: after, replaced })
  }

  /** The newest known version of an object that an informer has. */
  newest(cached: ApiObject): ApiObject {
    const known = this.#written.get(cached.uid)
    if (known === undefined) return cached
    if (known.replaced.has(cached.resourceVersion)) return known.newest
    this.#written.delete(cached.uid)
    return cached
  }

  /** The object was deleted. */
  forget(uid: string): void {
    this.#written.delete(uid)
  }
}
