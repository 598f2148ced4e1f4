import { objectKey } from './api-object.ts'
import type { ApiObject } from './api-object.ts'

/** One change of the cache. */
export type ObjectChange =
  | { readonly kind: 'added'; readonly object: ApiObject }
  | { readonly kind: 'updated'; readonly object: ApiObject; readonly old: ApiObject }
  | { readonly kind: 'deleted'; readonly object: ApiObject }

/** The objects of a selection as the API server last sent them. */
export class ObjectStore {
  #objects = new Map<string, ApiObject>()

  get(namespace: string, name: string): ApiObject | undefined {
    return this.#objects.get(objectKey({ namespace, name }))
  }

  list(): readonly ApiObject[] {
    return [...this.#objects.values()]
  }

  get size(): number {
    return this.#objects.size
  }

  /** Takes a whole list over; an object that it lacks is deleted. A recreated one is deleted and added. */
  replace(objects: readonly ApiObject[]): readonly ObjectChange[] {
    const next = new Map(objects.map(object => [objectKey(object), object]))
    const deleted = [...this.#objects]
      .filter(([key]) => !next.has(key))
      .map(([, object]) => ({ kind: 'deleted' as const, object }))
    const changes = [...deleted, ...objects.flatMap(object => this.#put(object))]
    this.#objects = next
    return changes
  }

  /** Takes an `ADDED` or `MODIFIED` over; the change says what it was for this cache. */
  put(object: ApiObject): readonly ObjectChange[] {
    const changes = this.#put(object)
    this.#objects.set(objectKey(object), object)
    return changes
  }

  remove(object: ApiObject): readonly ObjectChange[] {
    if (!this.#objects.delete(objectKey(object))) return []
    return [{ kind: 'deleted', object }]
  }

  #put(object: ApiObject): readonly ObjectChange[] {
    const old = this.#objects.get(objectKey(object))
    if (old === undefined) return [{ kind: 'added', object }]
    if (old.uid !== object.uid) {
      return [
        { kind: 'deleted', object: old },
        { kind: 'added', object }
      ]
    }
    if (old.resourceVersion === object.resourceVersion) return []
    return [{ kind: 'updated', object, old }]
  }
}
