import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../../../common/json.ts'
import type { Resource } from '../../../service/kubernetes/resource.ts'

/** A resource that the server serves. */
export interface ServedResource extends Resource {
  readonly isNamespaced: boolean
}

/** What happened to an object, in the words of a watch. */
export interface StoredEvent {
  readonly version: number
  readonly plural: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: JsonObject
}

/** Which object. */
export interface Key {
  readonly plural: string
  readonly namespace: string
  readonly name: string
}

/** An answer that is an error: its body is a `Status`. */
export class StatusError extends Error {
  readonly code: number
  readonly reason: string

  constructor(code: number, reason: string, message: string) {
    super(message)
    this.code = code
    this.reason = reason
  }

  body(): JsonObject {
    const { message, reason, code } = this
    return { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code }
  }
}

/** The objects of a cluster as etcd keeps them: one counter of versions, and a history that is compacted. */
export class FakeStorage {
  readonly #objects = new Map<string, JsonObject>()
  readonly #listeners = new Set<(event: StoredEvent) => void>()
  #events: StoredEvent[] = []
  /** Versions up to this are compacted. */
  compacted = 0
  version = 100

  get({ plural, namespace, name }: Key): JsonObject | undefined {
    return this.#objects.get(`${plural}/${namespace}/${name}`)
  }

  /** In the order of their keys. */
  list(plural: string, namespace: string | undefined): readonly (readonly [string, JsonObject])[] {
    const prefix = namespace === undefined ? `${plural}/` : `${plural}/${namespace}/`
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** Stores a new state of an object; the generation grows if its spec changed. */
  put(key: Key, object: JsonObject): JsonObject {
    const last = this.get(key)
    const metadata = this.#metadata(key, object, last)
    // The API server writes nothing where nothing changed.
    if (last !== undefined && JSON.stringify({ ...object, metadata }) === JSON.stringify(last)) {
      return last
    }
    this.version += 1
    const stored = { ...object, metadata: { ...metadata, resourceVersion: String(this.version) } }
    this.#objects.set(`${key.plural}/${key.namespace}/${key.name}`, stored)
    this.#notify(key.plural, last === undefined ? 'ADDED' : 'MODIFIED', stored)
    return stored
  }

  delete(key: Key): JsonObject | undefined {
    const last = this.get(key)
    if (last === undefined) return undefined
    this.#objects.delete(`${key.plural}/${key.namespace}/${key.name}`)
    this.version += 1
    const metadata = { ...(last.metadata as JsonObject), resourceVersion: String(this.version) }
    this.#notify(key.plural, 'DELETED', { ...last, metadata })
    return last
  }

  /** Compacts the history: no watch can continue from an older version. */
  compact(): void {
    this.compacted = this.version
    this.#events = []
  }

  /**
   * Every event after a version, the past ones at once.
   *
   * @throws {StatusError} 410 for a version that is compacted
   */
  follow(after: number, listener: (event: StoredEvent) => void): () => void {
    if (after < this.compacted) {
      const message = `too old resource version: ${after} (${this.compacted})`
      throw new StatusError(410, 'Expired', message)
    }
    for (const event of this.#events) if (event.version > after) listener(event)
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #metadata(key: Key, object: JsonObject, last: JsonObject | undefined): JsonObject {
    const kept = (last?.metadata ?? {
      uid: randomUUID(),
      generation: 0
    }) as JsonObject
    const isSpecSame = JSON.stringify(last?.spec) === JSON.stringify(object.spec)
    const isNew = last === undefined
    return {
      ...(object.metadata as JsonObject),
      name: key.name,
      ...(key.namespace === '' ? {} : { namespace: key.namespace }),
      uid: kept.uid ?? '',
      creationTimestamp: '2026-11-26T08:00:00Z',
      generation: Number(kept.generation) + (isNew || !isSpecSame ? 1 : 0),
      resourceVersion: kept.resourceVersion ?? ''
    }
  }

  #notify(plural: string, type: StoredEvent['type'], object: JsonObject): void {
    const event = { version: this.version, plural, type, object }
    this.#events.push(event)
    for (const listener of this.#listeners) listener(event)
  }
}
