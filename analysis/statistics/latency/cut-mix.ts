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
 * The quantiles of the primary's latency that are the cuts. They are frozen before the first block; any
 * value that is known by then is valid.
 */
export const cutQuantiles = [0.5, 0.9, 0.95, 0.99] as const

/**
 * One block at each cut, in the order of {@link cutQuantiles}. Events that are slower than the cut are bad.
 * If a slowdown of r is allowed, the canary's cut is the primary's times `1 + r`.
 */
export type CutBlocks = readonly [Block, Block, Block, Block]

/** The log-wealth of each alternative: of FAIL at each cut, of PASS at the P99 cut. Plain JSON. */
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

/** Adds a closed block. Each block must be added once. */
export function addCutBlocks({ fail, pass }: CutMix, blocks: CutBlocks): CutMix {
  return {
    fail: blocks.map((block, at) => addToWealth(fail[at] ?? [], block, slower)),
    pass: addToWealth(pass, blocks[3], notSlower)
  }
}

/**
 * Returns the evidence of the blocks so far. FAIL uses the mean of the evidence at the four cuts, PASS the
 * evidence at the P99 cut. Derivation: docs/statistics/latency.md#the-cut-mixture.
 */
export function cutMixEvidence({ fail, pass }: CutMix, dispersion = 1): Evidence {
  return {
    lnEFail: logMeanExp(fail.map(wealth => lnMixedWealth(wealth, slower, dispersion))),
    lnEPass: lnMixedWealth(pass, notSlower, dispersion)
  }
}
