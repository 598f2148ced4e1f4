/** The result of bringing the counts of an analysis up to date from its source. */
export type Refreshed =
  { readonly kind: 'fresh' } | { readonly kind: 'unavailable'; readonly reason: string }
