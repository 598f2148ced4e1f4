/** Returns the rate whose odds are `multiplier` times those of `rate`, in [0, 1] (docs/statistics.md). */
export function scaleOdds(multiplier: number, rate: number): number {
  return (multiplier * rate) / (1 + rate * (multiplier - 1))
}

/** Returns the odds of `rate` divided by the odds of `base`, both in (0, 1). */
export function oddsRatio(rate: number, base: number): number {
  return (rate * (1 - base)) / ((1 - rate) * base)
}
