import type { InconclusivePolicy } from '../settings/analysis.ts'
import type { Metric } from '../settings/metric.ts'

/** What the evidence says. */
export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'no-data'

/** The verdict on one objective, as `GET /v1/verdict` answers it. `null` where nothing is known. */
export interface ObjectiveVerdict {
  readonly metric: Metric
  readonly versus?: 'primary' | 'baseline'
  readonly verdict: Verdict
  /** The canary's. */
  readonly events: number
  readonly bad: number
  /** In the metric's own unit: a ratio, or milliseconds for a quantile. */
  readonly estimate: number | null
  /** At all times at once, with probability `1 - alpha`, in the unit of the estimate. */
  readonly confidence: readonly [number | null, number | null] | null
  readonly lnEFail: number | null
  readonly lnEPass: number | null
  /** How many more events of the canary, to about a factor of two. */
  readonly eventsToVerdict: number | null
  readonly critical: boolean
  /** One line for people. */
  readonly reason: string
}

/** The verdict on a run. */
export interface RunVerdict {
  readonly verdict: Verdict
  /** One line for people. */
  readonly reason: string
  readonly objectives: readonly ObjectiveVerdict[]
  /** The policy that decided when the time was over, in place of the evidence. */
  readonly settledBy?: InconclusivePolicy
}

const worstFirst: readonly Verdict[] = ['fail', 'inconclusive', 'no-data', 'pass']

/** The verdict that decides; undefined without one. */
export function worstVerdict(verdicts: readonly RunVerdict[]): RunVerdict | undefined {
  return verdicts.toSorted(
    (a, b) => worstFirst.indexOf(a.verdict) - worstFirst.indexOf(b.verdict)
  )[0]
}
