import type { JsonValue } from '../../common/json.ts'

/**
 * The defaults that CRDs declare for the kinds of the workload table, but for those of a pod's parts: by
 * `GROUP/KIND`, then by path without indices, the value that each of the versions has.
 */
export declare const crdDefaults: Readonly<
  Record<string, Readonly<Record<string, readonly JsonValue[]>>>
>
