import type { ApiObject } from './api-object.ts'

interface Written {
  readonly newest: ApiObject
  /** Versions that the newest replaced. */
  readonly replaced: Set<string>
}

/**
 * Objects as we wrote them, until an informer has heard of it: a watch comes later than the answer to a
 * write, and what was read in between would be written again. Versions are compared for equality only.
 */
export class OwnWrites {
  readonly #written = new Map<string, Written>()

  /** Takes over what the API server answered to a write. */
  add(before: ApiObject, after: ApiObject): void {
    if (before.resourceVersion === after.resourceVersion) return
    const replaced = this.#written.get(after.uid)?.replaced ?? new Set()
    replaced.add(before.resourceVersion)
    const last = this.#written.get(after.uid)?.newest
    if (last !== undefined) replaced.add(last.resourceVersion)
    replaced.delete(after.resourceVersion)
    this.#written.set(after.uid, { newest: after, replaced })
  }

  /** The newest that is known of an object that was heard of. */
  newest(heard: ApiObject): ApiObject {
    const known = this.#written.get(heard.uid)
    if (known === undefined) return heard
    if (known.replaced.has(heard.resourceVersion)) return known.newest
    this.#written.delete(heard.uid)
    return heard
  }

  /** The object is gone. */
  forget(uid: string): void {
    this.#written.delete(uid)
  }
}
