import type { JsonValue } from '../../common/json.ts'

/** The prediction for each item in a response, in the order of the items, or why it cannot be used. */
export type Predictions =
  { readonly predictions: readonly JsonValue[] } | { readonly unusable: string }
