import type { JsonObject } from '../common/json.ts'

/** One rendered object and the position of its template. */
export interface Manifest {
  readonly object: JsonObject
  /** File, line and column, for messages. */
  readonly where: () => string
}

export { describeIdentity, identify } from '../evidence/identity.ts'
export type { Identity } from '../evidence/identity.ts'
