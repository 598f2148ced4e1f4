import type { JsonObject, JsonValue } from '../../common/json.ts'

/** The objects to patch: every given field must match. */
export interface PatchTarget {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** An operation of a JSON Patch, RFC 6902 section 4, as the project file's schema lets it pass. */
export interface Operation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
  readonly path: string
  /** Of `move` and `copy`. */
  readonly from?: string
  /** Of `add`, `replace` and `test`. */
  readonly value?: JsonValue
}

/** A change to rendered objects. A patch can have several forms, which apply in this order. */
export interface Patch {
  readonly target: PatchTarget
  /** Kubernetes' strategic merge patch. */
  readonly strategic?: JsonObject
  /** JSON Merge Patch, RFC 7386. */
  readonly merge?: JsonObject
  /** JSON Patch, RFC 6902. */
  readonly json?: readonly Operation[]
}
