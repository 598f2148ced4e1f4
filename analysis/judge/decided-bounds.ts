import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { failThreshold, passThreshold } from '../statistics/budget.ts'
import { divideCounts } from '../statistics/counts.ts'
import { highestRate, lowestRate } from '../statistics/rate/rate-bounds.ts'
import type { RateLimit } from '../statistics/rate/rate-evidence.ts'
import type { MeanEvidence, ObjectiveCounts } from './counts.ts'
import type { Verdict } from './verdict.ts'

/** Bounds of the share of bad events; undefined: not known at the level that decided. */
export interface ShareBounds {
  readonly low: number | undefined
  readonly high: number | undefined
}

/** The levels that a verdict is decided at. */
export type DecidingLevels = Pick<Analysis, 'alpha' | 'beta'> & { readonly alphaShare: number }

/**
 * Returns how bad the canary can still be, of an objective with a limit, at the level that decided: the level of
 * FAIL below and that of PASS above. Only what the verdict needs is computed. Clusters and means prove the limit
 * itself, and nothing between.
 */
export function decidedBounds(
  { metric, reference, margin }: Objective,
  counts: ObjectiveCounts,
  verdict: Verdict,
  levels: DecidingLevels
): ShareBounds {
  const limit = reference.kind === 'primary' ? 0 : reference.badRatio
  const beyond = limit + margin
  if (counts.clusters !== undefined)
    return clusterBounds(metric, counts, { limit, beyond }, verdict)
  if (counts.mean !== undefined) return meanBounds(counts.mean, { limit, beyond }, verdict)
  // A bound is right to a thousandth, so it could seem to contradict a verdict that is just proved.
  switch (verdict) {
    case 'pass':
      return { low: undefined, high: Math.min(beyond, highest(counts, { limit, margin }, levels)) }
    case 'fail':
      return { low: Math.max(limit, lowest(counts, { limit, margin }, levels)), high: undefined }
    default:
      return {
        low: lowest(counts, { limit, margin }, levels),
        high: highest(counts, { limit, margin }, levels)
      }
  }
}

function clusterBounds(
  metric: Objective['metric'],
  { canary: { events, bad } }: ObjectiveCounts,
  { limit, beyond }: { readonly limit: number; readonly beyond: number },
  verdict: Verdict
): ShareBounds {
  const isTwoSided = metric === 'bias'
  if (verdict === 'pass') return { low: isTwoSided ? 1 - beyond : undefined, high: beyond }
  if (verdict !== 'fail') return { low: undefined, high: undefined }
  return isTwoSided && 2 * bad < events
    ? { low: undefined, high: 1 - limit }
    : { low: limit, high: undefined }
}

function lowest(
  { canary, canaryAtBest = canary, dispersion }: ObjectiveCounts,
  limit: RateLimit,
  { alpha, alphaShare }: DecidingLevels
): number {
  return lowestRate(limit, divideCounts(canaryAtBest, dispersion), failThreshold(alpha, alphaShare))
}

function highest(
  { canary, canaryAtWorst = canary, dispersion }: ObjectiveCounts,
  limit: RateLimit,
  { beta }: DecidingLevels
): number {
  return highestRate(limit, divideCounts(canaryAtWorst, dispersion), passThreshold(beta))
}

/** A bias may be too large to either side. Its other side is mirrored: there a share of 1 is the best. */
function meanBounds(
  { tests }: MeanEvidence,
  { limit, beyond }: { readonly limit: number; readonly beyond: number },
  verdict: Verdict
): ShareBounds {
  const isTwoSided = tests.some(({ direction }) => direction === 'below')
  if (verdict === 'pass') return { low: isTwoSided ? 1 - beyond : undefined, high: beyond }
  if (verdict !== 'fail') return { low: undefined, high: undefined }
  const failing = tests.filter(({ side }) => side === 'fail').toSorted((a, b) => b.lnE - a.lnE)[0]
  return failing?.direction === 'below'
    ? { low: undefined, high: 1 - limit }
    : { low: limit, high: undefined }
}
