/** One alternative: the null hypothesis' odds times (or divided by) `multiplier`, at least 1. */
export interface WeightedOdds {
  readonly multiplier: number
  readonly lnWeight: number
}

const grid = [1.1, 1.2, 1.35, 1.5, 1.75, 2, 2.5, 3, 4, 6, 10, 16]

/**
 * The alternatives that evidence is spread over; the weights' sum is 1. The `design` effect (the
 * difference that one must not miss, as an odds ratio) carries half of the weight, a fixed grid the
 * other; without one, or with 1, the grid carries all.
 *
 * Any mixture fixed before the data keeps the error guarantee; this one only decides the speed.
 */
export function oddsMixture(design?: number): readonly WeightedOdds[] {
  const hasDesign = design !== undefined && design !== 1
  const lnWeight = -Math.log(hasDesign ? 2 * grid.length : grid.length)
  const mixture = grid.map(multiplier => ({ multiplier, lnWeight }))
  return hasDesign ? [...mixture, { multiplier: design, lnWeight: -Math.LN2 }] : mixture
}
