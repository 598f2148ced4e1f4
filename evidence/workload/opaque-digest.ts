import { createHash } from 'node:crypto'
import { stringifyJson } from '../../common/json.ts'
import type { OpaqueField } from './workload.ts'

/**
 * Returns the digest of an opaque field: SHA-256 in lower case hex of its JSON, members in code unit
 * order. The API server changes neither texts nor free-form objects, so an attested field keeps its
 * digest.
 */
export function digestOpaque({ value }: Pick<OpaqueField, 'value'>): string {
  return createHash('sha256')
    .update(stringifyJson(value, { sortKeys: true }))
    .digest('hex')
}
