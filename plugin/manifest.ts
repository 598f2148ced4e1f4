import type { JsonObject } from '../common/json.ts'

/** One rendered object and the position of its template. */
export interface Manifest {
  readonly object: JsonObject
  /** File, line and column, for messages. */
  readonly where: () => string
  /** The position of a field by its keys and indices; absent for objects that no file contains. */
  readonly whereField?: (path: readonly string[]) => string
}

export { describeIdentity, identify } from '../evidence/identity.ts'
export type { Identity } from '../evidence/identity.ts'
