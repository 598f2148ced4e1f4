/** The distance of a window's distribution from the baseline's. */
export interface PopulationStability {
  /** The population stability index, at least 0: Jeffreys' divergence in nats. */
  readonly index: number
  /** What the index would be on average without any drift. */
  readonly expectedNoise: number
  /** `n m/(n + m)` times the index: about chi-squared with `degrees` without drift. */
  readonly chiSquared: number
  /** Bins less one. */
  readonly degrees: number
}

/** Smaller windows are merged before they are judged. */
export const fewestEventsForStability = 500

const continuity = 0.5

/**
 * PSI of two histograms over the same bins, at least two: `sum (q - p) ln(q/p)` with shares
 * `(count + 0.5)/(n + 0.5 B)`, and its noise without drift, `(B - 1)(1/n + 1/m)`. The folklore's 0.1
 * and 0.2 mean little unless that noise is taken off or n is at least 500.
 */
export function populationStability(
  baseline: readonly number[],
  window: readonly number[]
): PopulationStability {
  const bins = baseline.length
  const [m, n] = [sumOf(baseline), sumOf(window)]
  const index = baseline.reduce((sum, count, at) => {
    const p = (count + continuity) / (m + continuity * bins)
    const q = ((window[at] ?? 0) + continuity) / (n + continuity * bins)
    return sum + (q - p) * Math.log(q / p)
  }, 0)
  return {
    index,
    expectedNoise: (bins - 1) * (1 / n + 1 / m),
    chiSquared: ((n * m) / (n + m)) * index,
    degrees: bins - 1
  }
}

/** What a stability index is worth, noise taken off: above 0.2 an alarm, above 0.1 a warning. */
export function gradeStability({
  index,
  expectedNoise
}: PopulationStability): 'stable' | 'warning' | 'alarm' {
  const excess = index - expectedNoise
  if (excess > 0.2) return 'alarm'
  return excess > 0.1 ? 'warning' : 'stable'
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
