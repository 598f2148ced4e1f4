import type { Block } from '../../../analysis/statistics/counts.ts'
import { logBinomial } from '../../../analysis/statistics/numeric/log-binomial.ts'

/** One interval's block: bad of all in the canary, bad of all in the primary. */
export function block(
  canaryBad: number,
  canary: number,
  primaryBad: number,
  primary: number
): Block {
  return {
    canary: { events: canary, bad: canaryBad },
    primary: { events: primary, bad: primaryBad }
  }
}

/** Every table of these sizes. */
export function* tables(canary: number, primary: number) {
  for (let x = 0; x <= canary; x++) {
    for (let y = 0; y <= primary; y++) yield block(x, canary, y, primary)
  }
}

/** The probability of a table when the arms' bad rates are these. */
export function chanceOf(
  { canary, primary }: Block,
  canaryRate: number,
  primaryRate: number
): number {
  const arm = (bad: number, events: number, rate: number) =>
    Math.exp(logBinomial(bad, events, { rate, rest: 1 - rate }))
  return arm(canary.bad, canary.events, canaryRate) * arm(primary.bad, primary.events, primaryRate)
}
