import { testsOfMean } from '../counter/bet.ts'
import type { Test } from '../counter/bet.ts'
import { counterName } from '../counter/counter.ts'
import type { Objective } from '../settings/objective.ts'
import type { MeanEvidence, MeanTest } from '../judge/counts.ts'
import { lnMeanOfBets } from '../statistics/rate/bounded-evidence.ts'
import type { Counted } from './counted.ts'

/** The tests of a mean against its limit, with what their bets have gained. */
export type CountedTests = readonly (Omit<Test, 'bets'> & { readonly bets: readonly Counted[] })[]

/** Finds the bets of an objective by name; none for metrics that are no means. */
export function countedTests(
  objective: Objective,
  find: (name: string) => Counted | undefined
): CountedTests {
  const { maturityMs } = objective
  const wait = maturityMs === undefined ? {} : { maturityMs }
  return testsOfMean(objective).map(({ bets, ...test }) => ({
    ...test,
    bets: bets.flatMap(bet => find(counterName({ ...bet, ...wait })) ?? [])
  }))
}

/**
 * Returns the evidence about a mean: undefined for other metrics. A mean that may be wrong to either side fails by
 * the stronger test, and passes by the weaker one (docs/statistics/means.md).
 *
 * @param lnWealthOf the sum of the logarithms of what a bet has gained
 * @param missing predictions whose value is not known and may be any
 */
export function meanEvidence(
  tests: CountedTests,
  lnWealthOf: (bet: Counted) => number,
  missing: number
): MeanEvidence | undefined {
  if (tests.length === 0) return undefined
  const judged = tests.map(({ bets, ...test }) => ({
    ...test,
    lnE: lnMeanOfBets(bets.map(lnWealthOf), missing)
  }))
  const lnE = (side: MeanTest['side']) =>
    judged.filter(test => test.side === side).map(test => test.lnE)
  return { lnEFail: Math.max(...lnE('fail')), lnEPass: Math.min(...lnE('pass')), tests: judged }
}
