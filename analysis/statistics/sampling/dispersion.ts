import type { RateCounts } from '../counts.ts'

/** Sums over one arm's windows, which is all that its dispersion needs. Plain JSON. */
export interface DispersionSums {
  readonly windows: number
  readonly events: number
  readonly bad: number
  /** The sum over windows of `bad^2 / events`. */
  readonly squares: number
}

/** The sums over no window. */
export const noDispersion: DispersionSums = { windows: 0, events: 0, bad: 0, squares: 0 }

/** The sums with another window; one without events changes nothing. */
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

/** Both sums together. */
export function addDispersionSums(one: DispersionSums, other: DispersionSums): DispersionSums {
  return {
    windows: one.windows + other.windows,
    events: one.events + other.events,
    bad: one.bad + other.bad,
    squares: one.squares + other.squares
  }
}

/**
 * How many times the variance between windows exceeds that of independent events, at least 1:
 * `sum_w (b_w - n_w p)^2 / (n_w p (1-p)) / degrees of freedom` (Pearson), p being each arm's own rate.
 * An arm without a bad event says nothing.
 *
 * Counts (or log-wealths) divided by it keep the guarantee for independent events exactly, and
 * approximately hold it where bad events come in bursts; the better, the more windows it rests on
 * (ten of the primary's before the rollout, and both arms' since). Fewer are used as they are, since
 * without them the first intervals are the ones that mislead; below `fewestWindows` it is 1.
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
