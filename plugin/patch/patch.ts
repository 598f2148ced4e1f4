import type { JsonObject, JsonValue } from '../../common/json.ts'

/** Which objects a patch is for: every field that is given must match. */
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

/** A change to rendered objects; of several forms in one patch all are applied, in this order. */
export interface Patch {
  readonly target: PatchTarget
  /** Strategic merge patch, Kubernetes' own. */
  readonly strategic?: JsonObject
  /** JSON Merge Patch, RFC 7386. */
  readonly merge?: JsonObject
  /** JSON Patch, RFC 6902. */
  readonly json?: readonly Operation[]
}
