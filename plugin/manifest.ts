import type { JsonObject } from '../common/json.ts'

/** One rendered object and where it comes from. */
export interface Manifest {
  readonly object: JsonObject
  /** File, line and column of its template, for messages. */
  readonly where: () => string
}

export { describeIdentity, identify } from '../evidence/identity.ts'
export type { Identity } from '../evidence/identity.ts'
