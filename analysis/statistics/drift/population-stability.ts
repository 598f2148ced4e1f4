/** How far the distribution of a window is from that of the reference. */
export interface PopulationStability {
  /** The population stability index (PSI), at least 0, in nats. */
  readonly index: number
  /** The mean of the index without drift. */
  readonly expectedNoise: number
  /** Approximately chi-squared with `degrees` degrees of freedom without drift. */
  readonly chiSquared: number
  /** The number of bins minus 1. */
  readonly degrees: number
}

/** Smaller windows are merged before they are evaluated. */
export const fewestEventsForStability = 500

const continuity = 0.5

/**
 * Returns the population stability index of two histograms over the same bins, at least two, and its expected
 * value without drift. The usual thresholds 0.1 and 0.2 mean little for small windows unless that is
 * subtracted. Derivation: docs/statistics/drift.md#distributions.
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

/** Grades a stability index minus its expected noise: above 0.2 an alarm, above 0.1 a warning. */
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
