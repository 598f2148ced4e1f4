import { directionsOf } from '../counter/bet.ts'
import { counterName, countersOf } from '../counter/counter.ts'
import { meanOf } from '../counter/mean.ts'
import type { Objective } from '../settings/objective.ts'
import { noCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'
import type { Evidence } from '../statistics/evidence.ts'
import {
  curtailF1,
  curtailMean,
  curtailPrecision,
  curtailShare
} from '../statistics/replay/exact.ts'
import type { SetVerdict } from '../statistics/replay/exact.ts'
import { meanReplayEvidence, noMeanReplay } from '../statistics/replay/mean-betting.ts'
import type { ReplayProgress } from './progress.ts'

/** What the items so far say about an objective, and what the rest can still change. */
export interface Curtailed {
  readonly counts: RateCounts
  readonly verdict: SetVerdict | 'none'
  /** About the whole set, from a part of it; undefined where only arithmetic decides. */
  readonly evidence?: Evidence
}

/** Decides F1 by the items that are left: all of them right, or all wrong. */
export function curtailedF1(
  objective: Objective,
  badRatio: number,
  progress: ReplayProgress
): Curtailed {
  const { tally, total, positives } = progress
  const counts = countsOf(objective, progress)
  const positivesLeft = positives - tally.positives
  const negativesLeft = total - tally.seen - positivesLeft
  const verdict = curtailF1({ ...counts, positivesLeft, negativesLeft }, badRatio)
  return { counts, verdict }
}

/** Decides the precision or recall of one class by the items that are left. */
export function curtailedClass(
  objective: Objective,
  least: number,
  progress: ReplayProgress
): Curtailed {
  const { tally, total, classes = {} } = progress
  const [name = ''] = objective.classes ?? []
  const counts = countsOf(objective, progress)
  const good = counts.events - counts.bad
  const ofClass = classes[name] ?? 0
  const labelsLeft = ofClass - (tally.labels?.[name] ?? 0)
  if (objective.metric === 'precision') {
    const verdict = curtailPrecision(
      {
        truePositives: good,
        falsePositives: counts.bad,
        positivesLeft: labelsLeft,
        negativesLeft: total - tally.seen - labelsLeft
      },
      least
    )
    return { counts, verdict }
  }
  // Items of the class whose request failed are left out.
  const known = { good, seen: counts.events, total: counts.events + labelsLeft }
  return { counts, verdict: known.total === 0 ? 'none' : curtailShare(known, least) }
}

/** Decides a mean by the items that are left: a bias by its worse side. */
export function curtailedMean(
  objective: Objective,
  badRatio: number,
  progress: ReplayProgress
): Curtailed {
  const { tally, total } = progress
  const counts = countsOf(objective, progress)
  const states = directionsOf(objective.metric).map(
    direction => tally.means?.[`${meanOf(objective.metric) ?? ''}:${direction}`] ?? noMeanReplay
  )
  if (total === tally.errors) return { counts, verdict: 'none' }
  const verdicts = states.map(({ seen, sum }) =>
    curtailMean({ sum, seen, total: total - tally.errors }, badRatio)
  )
  const each = states.map(meanReplayEvidence)
  const evidence = {
    lnEFail: Math.max(...each.map(({ lnEFail }) => lnEFail)),
    lnEPass: Math.min(...each.map(({ lnEPass }) => lnEPass))
  }
  return { counts, verdict: worstOf(verdicts), evidence }
}

function worstOf(verdicts: readonly SetVerdict[]): SetVerdict {
  return (['fail', 'open'] as const).find(each => verdicts.includes(each)) ?? 'pass'
}

function countsOf(objective: Objective, { tally }: ReplayProgress): RateCounts {
  const own = countersOf(objective).at(-1)
  return (own && tally.counted?.[counterName(own)]) ?? noCounts
}
