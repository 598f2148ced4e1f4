import type { ClosedBlock } from '../counter/series.ts'
import { pairEvidence } from '../statistics/comparison/pair-evidence.ts'
import type { PairCounts } from '../statistics/comparison/pair-evidence.ts'
import type { Block } from '../statistics/counts.ts'
import type { Evidence } from '../statistics/evidence.ts'
import { logMeanExp } from '../statistics/numeric/log-sum-exp.ts'
import {
  addDispersionWindow,
  dispersionOf,
  noDispersion
} from '../statistics/sampling/dispersion.ts'
import type { Counted } from './counted.ts'

/** The counters of pairs for one counter of an objective, by what they prove. */
export interface CountedPairs {
  readonly fail: Counted
  readonly pass: Counted
}

interface Sums {
  readonly counters: CountedPairs
  fail: PairCounts
  pass: PairCounts
  /** Of the canary's share of the pairs that one arm alone got wrong. */
  dispersion: typeof noDispersion
}

/** What the closed blocks of mirrored requests say. */
export interface PairedResult {
  readonly counts: PairCounts
  readonly evidence: Evidence
}

const noPairs: PairCounts = { pairs: 0, onlyCanaryBad: 0, onlyPrimaryBad: 0 }

/** A comparison by requests that both arms got (docs/statistics/pairs.md). */
export class PairedComparison {
  readonly #margin: number
  readonly #isCorrected: boolean
  readonly #sums: readonly Sums[]

  /** @param counters of each counter of the objective, its own last */
  constructor(
    counters: readonly CountedPairs[],
    { margin, isCorrected }: { readonly margin: number; readonly isCorrected: boolean }
  ) {
    this.#margin = margin
    this.#isCorrected = isCorrected
    this.#sums = counters.map(each => ({
      counters: each,
      fail: noPairs,
      pass: noPairs,
      dispersion: noDispersion
    }))
  }

  /** Adds closed blocks, in any order: the counts of a block are added once. */
  add(closed: ReadonlyMap<Counted, readonly ClosedBlock[]>): void {
    for (const sums of this.#sums) {
      for (const block of closed.get(sums.counters.fail) ?? []) {
        sums.fail = addPairs(sums.fail, block)
        const { onlyCanaryBad, onlyPrimaryBad } = addPairs(noPairs, block)
        const discordant = { events: onlyCanaryBad + onlyPrimaryBad, bad: onlyCanaryBad }
        sums.dispersion = addDispersionWindow(sums.dispersion, discordant)
      }
      for (const block of closed.get(sums.counters.pass) ?? []) {
        sums.pass = addPairs(sums.pass, block)
      }
    }
  }

  /** The mean over the counters, such as the cuts of a latency; PASS is about the objective's own. */
  result(): PairedResult | undefined {
    const own = this.#sums.at(-1)
    if (own === undefined) return undefined
    const each = this.#sums.map(sums => this.#evidence(sums))
    return {
      counts: own.fail,
      evidence: {
        lnEFail: logMeanExp(each.map(({ lnEFail }) => lnEFail)),
        lnEPass: each.at(-1)?.lnEPass ?? 0
      }
    }
  }

  #evidence({ fail, pass, dispersion }: Sums): Evidence {
    const divisor = this.#isCorrected ? dispersionOf([dispersion]) : 1
    return {
      lnEFail: pairEvidence(divided(fail, divisor), this.#margin).lnEFail,
      lnEPass: pairEvidence(divided(pass, divisor), this.#margin).lnEPass
    }
  }
}

function addPairs(sum: PairCounts, { canary, primary }: Block): PairCounts {
  return {
    pairs: sum.pairs + canary.events,
    onlyCanaryBad: sum.onlyCanaryBad + canary.bad,
    onlyPrimaryBad: sum.onlyPrimaryBad + primary.bad
  }
}

function divided({ pairs, onlyCanaryBad, onlyPrimaryBad }: PairCounts, by: number): PairCounts {
  return {
    pairs: pairs / by,
    onlyCanaryBad: onlyCanaryBad / by,
    onlyPrimaryBad: onlyPrimaryBad / by
  }
}
