import {
  addConditionalBlock,
  conditionalEvidence,
  conditionalTest,
  noConditionalEvidence
} from '../../analysis/statistics/comparison/conditional-evidence.ts'
import {
  addMarginBlock,
  marginEvidence,
  noMarginEvidence
} from '../../analysis/statistics/comparison/margin-evidence.ts'
import type { RateDifference } from '../../analysis/statistics/comparison/margin-evidence.ts'
import { addCounts, divideCounts, noCounts } from '../../analysis/statistics/counts.ts'
import type { Block } from '../../analysis/statistics/counts.ts'
import type { Evidence } from '../../analysis/statistics/evidence.ts'
import { isProved } from '../../analysis/statistics/evidence.ts'
import {
  addCutBlocks,
  cutMixEvidence,
  noCutMix
} from '../../analysis/statistics/latency/cut-mix.ts'
import { rateEvidence, rateTest } from '../../analysis/statistics/rate/rate-evidence.ts'
import type { RateLimit } from '../../analysis/statistics/rate/rate-evidence.ts'
import {
  addDispersionWindow,
  dispersionOf,
  noDispersion
} from '../../analysis/statistics/sampling/dispersion.ts'
import type { Rule } from './watch.ts'

type Follow = () => (blocks: readonly Block[]) => Evidence

const nothing: Block = { canary: noCounts, primary: noCounts }
const percent = (level: number) => `${level * 100} %`

/** FAIL at a level, from the second interval on, as `min-intervals` has it. */
export function failingFromSecond(follow: Follow, level: number, name = 'e'): Rule {
  return {
    name: `${name} ${percent(level)}`,
    start: () => {
      const look = follow()
      let intervals = 0
      return blocks => {
        const isProven = isProved(look(blocks).lnEFail, level)
        if ((blocks[0]?.canary.events ?? 0) > 0) intervals++
        return isProven && intervals >= 2
      }
    }
  }
}

/** FAIL at a level. */
export function failing(follow: Follow, level: number, name = 'e'): Rule {
  return {
    name: `${name} ${percent(level)}`,
    start: () => {
      const look = follow()
      return blocks => isProved(look(blocks).lnEFail, level)
    }
  }
}

/** PASS at 5 %, independent of FAIL. */
export function everPassing(follow: Follow): Rule {
  return {
    name: 'PASS',
    start: () => {
      const look = follow()
      return blocks => isProved(look(blocks).lnEPass, 0.05)
    }
  }
}

/** PASS at 5 % unless FAIL at 1 % came first. */
export function passing(follow: Follow): Rule {
  return {
    name: 'PASS',
    start: () => {
      const look = follow()
      let hasFailed = false
      return blocks => {
        const { lnEFail, lnEPass } = look(blocks)
        hasFailed ||= isProved(lnEFail, 0.01)
        return !hasFailed && isProved(lnEPass, 0.05)
      }
    }
  }
}

/** The canary's rate against a limit. */
export function ofRate(limit: RateLimit): Follow {
  const test = rateTest(limit)
  return () => {
    let all = noCounts
    return ([block = nothing]) => {
      all = addCounts(all, block.canary)
      return rateEvidence(test, all)
    }
  }
}

/** The same with the dispersion of the windows of both arms. */
export function ofDispersedRate(limit: RateLimit): Follow {
  const test = rateTest(limit)
  return () => {
    let [all, canary, primary] = [noCounts, noDispersion, noDispersion]
    return ([block = nothing]) => {
      all = addCounts(all, block.canary)
      canary = addDispersionWindow(canary, block.canary)
      primary = addDispersionWindow(primary, block.primary)
      return rateEvidence(test, divideCounts(all, dispersionOf([canary, primary])))
    }
  }
}

/** The canary against the primary, by odds. */
export function ofOdds(tolerance: number): Follow {
  const test = conditionalTest({ nullOdds: 1, tolerance })
  return () => {
    let state = noConditionalEvidence(test)
    return ([block = nothing]) => {
      state = addConditionalBlock(state, block, test)
      return conditionalEvidence(state, test)
    }
  }
}

/** The canary against the primary, by a difference of rates. */
export function ofDifference(difference: RateDifference): Follow {
  return () => {
    let state = noMarginEvidence(difference)
    return ([block = nothing]) => {
      state = addMarginBlock(state, block, difference)
      return marginEvidence(state, difference)
    }
  }
}

/** Latency against the primary's, at four cuts. */
export const ofCuts: Follow = () => {
  let state = noCutMix
  return ([p50 = nothing, p90 = nothing, p95 = nothing, p99 = nothing]) => {
    state = addCutBlocks(state, [p50, p90, p95, p99])
    return cutMixEvidence(state)
  }
}
