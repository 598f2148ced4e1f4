import { addCounts, noCounts } from '../../analysis/statistics/counts.ts'
import type { RateCounts } from '../../analysis/statistics/counts.ts'
import type { Rule } from './watch.ts'

const z95 = 1.6448536269514722

/** Flagger as it is: an interval beyond the limit is a failed check, `threshold` of them roll back. */
export function rawThreshold(limit: number, threshold: number): Rule {
  return {
    name: `raw T=${threshold}`,
    start: () => {
      let failed = 0
      return ([block]) => {
        const { events, bad } = block?.canary ?? noCounts
        if (events > 0 && bad / events > limit) failed++
        return failed >= threshold
      }
    }
  }
}

/** The same against the primary: an interval that is more than `margin` worse is a failed check. */
export function rawDifference(margin: number, threshold: number): Rule {
  return {
    name: `raw T=${threshold}`,
    start: () => {
      let failed = 0
      return ([block]) => {
        const { canary, primary } = block ?? { canary: noCounts, primary: noCounts }
        if (canary.bad / canary.events > primary.bad / primary.events + margin) failed++
        return failed >= threshold
      }
    }
  }
}

/** A one-sided z-test at 5 % of all counts so far, asked again at each interval. */
export function zPeeking(limit: number): Rule {
  return {
    name: 'z peek 5 %',
    start: () => {
      let all: RateCounts = noCounts
      return ([block]) => {
        all = addCounts(all, block?.canary ?? noCounts)
        const spread = Math.sqrt(all.events * limit * (1 - limit))
        return all.bad - all.events * limit > z95 * spread
      }
    }
  }
}

/** The pooled two-sample z-test at 5 %, asked again at each interval. */
export const zPeekingPrimary: Rule = {
  name: 'z peek 5 %',
  start: () => {
    let [canary, primary]: RateCounts[] = [noCounts, noCounts]
    return ([block]) => {
      canary = addCounts(canary ?? noCounts, block?.canary ?? noCounts)
      primary = addCounts(primary ?? noCounts, block?.primary ?? noCounts)
      const rate = (canary.bad + primary.bad) / (canary.events + primary.events)
      const spread = Math.sqrt(rate * (1 - rate) * (1 / canary.events + 1 / primary.events))
      return canary.bad / canary.events - primary.bad / primary.events > z95 * spread
    }
  }
}
