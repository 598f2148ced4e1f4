import type { RateCounts } from '../counts.ts'

/** Sums over the windows of one arm, from which its dispersion is computed. Plain JSON. */
export interface DispersionSums {
  readonly windows: number
  readonly events: number
  readonly bad: number
  /** The sum over windows of `bad^2 / events`. */
  readonly squares: number
}

/** The sums without windows. */
export const noDispersion: DispersionSums = { windows: 0, events: 0, bad: 0, squares: 0 }

/** Adds a window. A window without events changes nothing. */
export function addDispersionWindow(
  sums: DispersionSums,
  { events, bad }: RateCounts
): DispersionSums {
  if (events === 0) return sums
  return {
    windows: sums.windows + 1,
    events: sums.events + events,
    bad: sums.bad + bad,
    squares: sums.squares + (bad * bad) / events
  }
}

/** Returns the sum of two sums. */
export function addDispersionSums(one: DispersionSums, other: DispersionSums): DispersionSums {
  return {
    windows: one.windows + other.windows,
    events: one.events + other.events,
    bad: one.bad + other.bad,
    squares: one.squares + other.squares
  }
}

/**
 * Returns the dispersion: the variance between windows divided by that of independent events, at least 1.
 * Evidence is divided by it, because bad events come in bursts. An arm without bad events, or with only bad
 * ones, is left out. With fewer than `fewestWindows` windows the dispersion is 1.
 * Derivation and what is guaranteed: docs/statistics/sampling.md#dispersion.
 */
export function dispersionOf(arms: readonly DispersionSums[], fewestWindows = 2): number {
  let windows = 0
  let degrees = 0
  let statistic = 0
  for (const arm of arms) {
    const rate = arm.bad / arm.events
    if (!(rate > 0 && rate < 1)) continue
    windows += arm.windows
    degrees += arm.windows - 1
    statistic += (arm.squares - arm.bad * rate) / (rate * (1 - rate))
  }
  return windows < fewestWindows || degrees === 0 ? 1 : Math.max(1, statistic / degrees)
}
