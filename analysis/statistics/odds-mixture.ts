/** One alternative: the odds of the null hypothesis multiplied or divided by `multiplier`, at least 1. */
export interface WeightedOdds {
  readonly multiplier: number
  readonly lnWeight: number
}

const grid = [1.1, 1.2, 1.35, 1.5, 1.75, 2, 2.5, 3, 4, 6, 10, 16]

/**
 * Returns the weighted alternatives that evidence is spread over. Weights sum to 1. The `design` effect, the
 * odds ratio that must not be missed, has half of the weight and a fixed grid the other half; without a
 * design effect, or with 1, the grid has all. Derivation: docs/statistics.md#the-odds-mixture.
 */
export function oddsMixture(design?: number): readonly WeightedOdds[] {
  const hasDesign = design !== undefined && design !== 1
  const lnWeight = -Math.log(hasDesign ? 2 * grid.length : grid.length)
  const mixture = grid.map(multiplier => ({ multiplier, lnWeight }))
  return hasDesign ? [...mixture, { multiplier: design, lnWeight: -Math.LN2 }] : mixture
}
