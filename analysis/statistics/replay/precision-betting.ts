import type { Evidence } from '../evidence.ts'
import { logMeanExp } from '../numeric/log-sum-exp.ts'
import type { ShareLimit } from './early-stop.ts'

/** Evidence about a labelled set's precision: counts so far and natural logs of wealth. Plain JSON. */
export interface PrecisionReplay {
  readonly seen: number
  readonly truePositives: number
  readonly falsePositives: number
  readonly fail: readonly number[]
  readonly pass: readonly number[]
}

/** One answered item. */
export type ReplayedItem = 'true-positive' | 'false-positive' | 'predicted-negative'

const stakes = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95]

/** The state before the first item. */
export const noPrecisionReplay: PrecisionReplay = {
  seen: 0,
  truePositives: 0,
  falsePositives: 0,
  fail: stakes.map(() => 0),
  pass: stakes.map(() => 0)
}

/**
 * The state after the next item of a random order, `total` being the items of the set.
 *
 * Each item is worth `z = 1 - p` (right), `-p` (wrong) or 0 (not predicted positive); the set's
 * precision is at least p exactly when all z sum to at least 0. Without replacement the null's mean of
 * the rest, `-S/(N - n)`, shrinks as the set is used up, and one bets on the distance from it
 * (Waudby-Smith and Ramdas 2020). Where the rest alone decides, no bet is made and the wealth stays
 * finite: exact curtailment has the answer there.
 */
export function addReplayedItem(
  state: PrecisionReplay,
  item: ReplayedItem,
  { least, margin, total }: ShareLimit & { readonly total: number }
): PrecisionReplay {
  return {
    seen: state.seen + 1,
    truePositives: state.truePositives + (item === 'true-positive' ? 1 : 0),
    falsePositives: state.falsePositives + (item === 'false-positive' ? 1 : 0),
    fail: bet(state, item, { share: least, total, direction: -1 }),
    pass: bet(state, item, { share: least - margin, total, direction: 1 })
  }
}

/** Evidence of the items so far: the mean over the bets. */
export function precisionReplayEvidence({ fail, pass }: PrecisionReplay): Evidence {
  return { lnEFail: logMeanExp(fail), lnEPass: logMeanExp(pass) }
}

interface Side {
  readonly share: number
  readonly total: number
  /** 1 bets on a precision above the share, -1 on one below. */
  readonly direction: 1 | -1
}

function bet(
  state: PrecisionReplay,
  item: ReplayedItem,
  { share, total, direction }: Side
): readonly number[] {
  const wealth = direction === 1 ? state.pass : state.fail
  const sum = state.truePositives * (1 - share) - state.falsePositives * share
  const mean = -sum / (total - state.seen)
  if (mean <= -share || mean >= 1 - share) return wealth
  const most = direction === 1 ? share + mean : 1 - share - mean
  const gain = direction * (worth(item, share) - mean)
  return stakes.map((stake, at) => (wealth[at] ?? 0) + Math.log1p((stake / most) * gain))
}

function worth(item: ReplayedItem, share: number): number {
  switch (item) {
    case 'true-positive':
      return 1 - share
    case 'false-positive':
      return -share
    case 'predicted-negative':
      return 0
  }
}
