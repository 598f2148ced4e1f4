import { logBinomial } from './log-binomial.ts'

/** The fixed totals of a two-by-two table: two groups, and the bad events in both together. */
export interface Margins {
  /** Size of the first group: the canary's events. */
  readonly first: number
  /** Size of the second group: the primary's events. */
  readonly second: number
  /** Bad events in both groups together. */
  readonly bad: number
}

/** Terms below this share of the sum do not change a double. */
const negligible = 1e-17

/** Whether more than one table is possible, so that the table can be evidence. */
export function isInformative({ first, second, bad }: Margins): boolean {
  return first > 0 && second > 0 && bad > 0 && bad < first + second
}

/** Returns the logarithm of the hypergeometric probability that `count` bad events are in the first group. */
export function logHypergeometric(count: number, { first, second, bad }: Margins): number {
  const whole = first + second
  const chance = { rate: bad / whole, rest: (whole - bad) / whole }
  return (
    logBinomial(count, first, chance) +
    logBinomial(bad - count, second, chance) -
    logBinomial(bad, whole, chance)
  )
}

/**
 * Returns the logarithm of the normaliser `Z(odds)` of Fisher's noncentral hypergeometric distribution, for
 * `odds > 0`. The sum goes outwards from the mode, so it costs by the standard deviation, not by the counts.
 * Derivation: docs/statistics/comparison.md#comparison-by-odds (Liao and Rosen 2001).
 */
export function logNormaliser(margins: Margins, odds: number): number {
  if (odds === 1) return 0
  const { first, second, bad } = margins
  const lowest = Math.max(0, bad - second)
  const highest = Math.min(first, bad)
  const mode = Math.min(highest, Math.max(lowest, modeOf(margins, odds)))
  const spare = second - bad
  let sum = 1
  let term = 1
  for (let i = mode; i < highest && term > negligible * sum; i++) {
    term *= ((first - i) * (bad - i) * odds) / ((i + 1) * (spare + i + 1))
    sum += term
  }
  term = 1
  for (let i = mode; i > lowest && term > negligible * sum; i--) {
    term *= (i * (spare + i)) / ((first - i + 1) * (bad - i + 1) * odds)
    sum += term
  }
  return logHypergeometric(mode, margins) + mode * Math.log(odds) + Math.log(sum)
}

/** Returns the mode: where two neighbouring terms are equal, from a quadratic equation in its stable form. */
function modeOf({ first, second, bad }: Margins, odds: number): number {
  const a = odds - 1
  const b = (bad + first + 2) * odds + second - bad
  const c = odds * (first + 1) * (bad + 1)
  return Math.floor((2 * c) / (b + Math.sqrt(b * b - 4 * a * c)))
}
