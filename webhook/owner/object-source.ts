import type { JsonObject } from '../../common/json.ts'
import type { OwnerKind } from './owner-kind.ts'

/** An object to read: of a namespace, or of the cluster if it is empty. */
export interface ObjectTarget {
  readonly kind: OwnerKind
  readonly namespace: string
  readonly name: string
}

/** What was read of the API server. */
export type ObjectRead =
  | { readonly kind: 'found'; readonly object: JsonObject }
  /** It does not exist, or its kind does not. */
  | { readonly kind: 'missing' }
  /** The API server did not answer or refused; the reason is one line. */
  | { readonly kind: 'unreadable'; readonly reason: string }

/** All objects of a kind. */
export type ObjectList =
  | { readonly kind: 'found'; readonly objects: readonly JsonObject[] }
  | Extract<ObjectRead, { readonly kind: 'unreadable' }>

/** How new an answer must be: `live` asks the API server, `recent` accepts one of the last seconds. */
export type Freshness = 'recent' | 'live'

/** Reads objects of the cluster. It never rejects. */
export interface ObjectSource {
  get(target: ObjectTarget, freshness: Freshness): Promise<ObjectRead>
  /** All objects of a kind in a namespace, or of the cluster if it is empty. */
  list(kind: OwnerKind, namespace: string): Promise<ObjectList>
}
