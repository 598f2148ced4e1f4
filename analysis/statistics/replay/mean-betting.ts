import type { Evidence } from '../evidence.ts'
import { logMeanExp } from '../numeric/log-sum-exp.ts'
import { betFactor, stakes } from '../rate/bounded-evidence.ts'
import type { Side } from '../rate/bounded-evidence.ts'

/** The state of bets on the mean of a labelled set: counts, and log-wealth of each bet. Plain JSON. */
export interface MeanReplay {
  readonly seen: number
  readonly sum: number
  readonly fail: readonly number[]
  readonly pass: readonly number[]
}

/** The state before the first item. */
export const noMeanReplay: MeanReplay = {
  seen: 0,
  sum: 0,
  fail: stakes.map(() => 0),
  pass: stakes.map(() => 0)
}

/** A limit on the mean of values between 0 (best) and 1 of a set. */
export interface MeanLimit {
  readonly limit: number
  readonly margin: number
  /** Items of the set. */
  readonly total: number
}

/**
 * Adds the next value of a random order. If the set's mean is at a border, that of the rest is known; where the rest
 * alone decides, no bet is made, and `curtailMean` has the verdict.
 * Derivation: docs/statistics/replay.md#a-proof-before-the-end (Waudby-Smith and Ramdas 2020).
 */
export function addReplayedValue(
  state: MeanReplay,
  value: number,
  { limit, margin, total }: MeanLimit
): MeanReplay {
  const left = total - state.seen
  const bet = (wealth: readonly number[], side: Side, mean: number) => {
    const border = (total * mean - state.sum) / left
    if (border <= 0 || border >= 1) return wealth
    return stakes.map(
      (_, at) => (wealth[at] ?? 0) + Math.log(betFactor(value, { side, at, border }))
    )
  }
  return {
    seen: state.seen + 1,
    sum: state.sum + value,
    fail: bet(state.fail, 'fail', limit),
    pass: bet(state.pass, 'pass', limit + margin)
  }
}

/** Returns the evidence of the values so far: the mean over the bets. */
export function meanReplayEvidence({ fail, pass }: MeanReplay): Evidence {
  return { lnEFail: logMeanExp(fail), lnEPass: logMeanExp(pass) }
}
