import type { Verdict } from '../judge/verdict.ts'

/** What a gate finds about one objective, or about one class of it. */
export interface GateFinding {
  readonly verdict: Verdict
  /** Given where classes have their own tests. */
  readonly class?: string
  readonly events: number
  readonly bad: number
  /** In the metric's own unit. */
  readonly estimate: number | null
  /** In the metric's own unit, at the levels of FAIL and PASS; null without events, or unbounded. */
  readonly confidence: readonly [number | null, number | null] | null
  readonly coverage: number | null
  /** Of the other model, where it is compared with one. */
  readonly primary?: {
    readonly events: number
    readonly bad: number
    readonly estimate: number | null
  }
  /** What must hold for the levels to be right. */
  readonly assumption: string
  /** Why, in one sentence without the verdict's name. */
  readonly sentence: string
}

/** The probabilities that an objective of a gate may err with. */
export interface GateLevels {
  readonly fail: number
  readonly pass: number
  /** Events that a FAIL needs. */
  readonly minEvents: number
}

/** Decides by bounds of how bad a model is: FAIL beyond the limit, PASS within limit and margin. */
export function decideByBounds(
  { low, high }: { readonly low: number; readonly high: number },
  limit: { readonly worst: number; readonly margin: number },
  isEnough: boolean
): 'pass' | 'fail' | 'inconclusive' {
  if (low > limit.worst) return isEnough ? 'fail' : 'inconclusive'
  return high < limit.worst + limit.margin ? 'pass' : 'inconclusive'
}
