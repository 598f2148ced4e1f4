import { logBinomial } from './log-binomial.ts'

/** How many of `bad` marked items fall into a first group, when the groups' sizes are fixed. */
export interface Margins {
  /** Size of the first group (the canary's events). */
  readonly first: number
  /** Size of the second group (the primary's events). */
  readonly second: number
  /** Marked items in both groups together. */
  readonly bad: number
}

/** Terms below this share of the sum change nothing in a double. */
const negligible = 1e-17

/** True when the margins leave more than one outcome, so that a table can be evidence. */
export function isInformative({ first, second, bad }: Margins): boolean {
  return first > 0 && second > 0 && bad > 0 && bad < first + second
}

/** `ln` of the hypergeometric probability that `count` of the marked items are in the first group. */
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
 * `ln Z(odds) = ln sum over i of P(i) odds^i`, with P hypergeometric: what makes Fisher's noncentral
 * hypergeometric distribution sum to 1. `odds > 0`; 0 at odds 1.
 *
 * Summed outwards from the mode, so the cost grows with the standard deviation, not with the counts.
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

/** Where neighbouring terms are equal: the root of `(odds - 1) i^2 - b i + c`, in its stable form. */
function modeOf({ first, second, bad }: Margins, odds: number): number {
  const a = odds - 1
  const b = (bad + first + 2) * odds + second - bad
  const c = odds * (first + 1) * (bad + 1)
  return Math.floor((2 * c) / (b + Math.sqrt(b * b - 4 * a * c)))
}
