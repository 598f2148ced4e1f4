import {
  addToWealth,
  initialWealth,
  lnMixedWealth,
  oddsAtLeast,
  oddsAtMost
} from '../comparison/odds-hypothesis.ts'
import type { Block } from '../counts.ts'
import type { Evidence } from '../evidence.ts'
import { logMeanExp } from '../numeric/log-sum-exp.ts'

/**
 * The quantiles of the primary's latency that serve as cut points. They are frozen before the first
 * block (any value known by then is valid).
 */
export const cutQuantiles = [0.5, 0.9, 0.95, 0.99] as const

/**
 * One block at every cut: events of each arm, and as bad those slower than the cut; the canary's cut
 * may be the primary's times `1 + r` where a slowdown of r is allowed. In the order of
 * {@link cutQuantiles}.
 */
export type CutBlocks = readonly [Block, Block, Block, Block]

/** Natural logs of wealth: of each alternative at each cut against, and at the last cut for. JSON. */
export interface CutMix {
  readonly fail: readonly (readonly number[])[]
  readonly pass: readonly number[]
}

/** PASS proves that the odds of exceeding the P99 cut are less than doubled. */
const p99Tolerance = 2

const slower = oddsAtMost(1)
const notSlower = oddsAtLeast(p99Tolerance, p99Tolerance)

/** The state before the first block. */
export const noCutMix: CutMix = {
  fail: cutQuantiles.map(() => initialWealth(slower)),
  pass: initialWealth(notSlower)
}

/** The state after a closed block, to be added once. */
export function addCutBlocks({ fail, pass }: CutMix, blocks: CutBlocks): CutMix {
  return {
    fail: blocks.map((block, at) => addToWealth(fail[at] ?? [], block, slower)),
    pass: addToWealth(pass, blocks[3], notSlower)
  }
}

/**
 * Evidence of the blocks so far. FAIL, against "the canary's latency is not stochastically larger at
 * the cuts": the mean of the four cuts' e-values, an e-value whatever their dependence. PASS: that of
 * the P99 cut alone.
 */
export function cutMixEvidence({ fail, pass }: CutMix, dispersion = 1): Evidence {
  return {
    lnEFail: logMeanExp(fail.map(wealth => lnMixedWealth(wealth, slower, dispersion))),
    lnEPass: lnMixedWealth(pass, notSlower, dispersion)
  }
}
