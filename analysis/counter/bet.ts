import { isMean } from '../settings/metric.ts'
import type { Objective } from '../settings/objective.ts'
import { betFactor, stakes } from '../statistics/rate/bounded-evidence.ts'
import type { Side } from '../statistics/rate/bounded-evidence.ts'
import { distanceIn, meanOf } from './mean.ts'
import type { Direction, MeanOf, ValueRules } from './mean.ts'
import type { Outcome } from './outcome.ts'

/** The logarithm of what one bet on a mean has gained; the sum over events is what a counter adds up. */
export interface BetCounter {
  readonly kind: 'bet'
  readonly of: MeanOf
  readonly direction: Direction
  readonly side: Side
  /** The index of its stake. */
  readonly at: number
  /** The mean of the null hypothesis, in the direction. */
  readonly border: number
}

/** The bets of one test. */
export interface Test {
  readonly direction: Direction
  readonly side: Side
  /** By stake. */
  readonly bets: readonly BetCounter[]
}

/** Returns the tests of a mean against its limit: none for other metrics (docs/statistics/means.md). */
export function testsOfMean({ metric, reference, margin }: Objective): readonly Test[] {
  const of = meanOf(metric)
  if (of === undefined || reference.kind === 'primary') return []
  const { badRatio } = reference
  return directionsOf(metric).flatMap(direction =>
    (['fail', 'pass'] as const).map(side => {
      const border = side === 'fail' ? badRatio : badRatio + margin
      const shared = { kind: 'bet', of, direction, side, border } as const
      return { direction, side, bets: stakes.map((_, at) => ({ ...shared, at })) }
    })
  )
}

/** Returns the ways in which a mean can be beyond its limit. */
export function directionsOf(metric: Objective['metric']): readonly Direction[] {
  if (!isMean(metric)) return []
  return metric === 'bias' ? ['above', 'below'] : ['above']
}

/** Returns what a bet gains by a prediction; undefined if it has no value. */
export function lnGain(bet: BetCounter, outcome: Outcome, rules: ValueRules): number | undefined {
  const distance = distanceIn(bet.direction, bet.of, outcome, rules)
  return distance === undefined ? undefined : Math.log(betFactor(distance, bet))
}

/** Returns the name of a bet in the store. Names must not change. */
export function betName({ of, direction, side, at, border }: BetCounter): string {
  return `bet:${of}:${direction}:${side}:${at}:${border}`
}
