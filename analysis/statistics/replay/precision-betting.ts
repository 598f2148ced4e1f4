import type { Evidence } from '../evidence.ts'
import { logMeanExp } from '../numeric/log-sum-exp.ts'
import type { ShareLimit } from './early-stop.ts'

/** The state of bets on the precision of a labelled set: counts, and log-wealth of each bet. Plain JSON. */
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
 * Adds the next item of a random order; `total` is the size of the set. When the rest alone decides, no bet
 * is made, and `curtailPrecision` has the verdict.
 * Derivation: docs/statistics/replay.md#a-proof-before-the-end (Waudby-Smith and Ramdas 2020).
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

/** Returns the evidence of the items so far: the mean over the bets. */
export function precisionReplayEvidence({ fail, pass }: PrecisionReplay): Evidence {
  return { lnEFail: logMeanExp(fail), lnEPass: logMeanExp(pass) }
}

interface Side {
  readonly share: number
  readonly total: number
  /** 1 bets that the precision is above the share, -1 that it is below. */
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
