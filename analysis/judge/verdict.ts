import type { InconclusivePolicy } from '../settings/analysis.ts'
import type { PairCounts } from '../statistics/comparison/pair-evidence.ts'
import type { Metric } from '../settings/metric.ts'

/** What the evidence says. */
export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'no-data'

/** The verdict on one objective, as `GET /v1/verdict` returns it. `null`: unknown. */
export interface ObjectiveVerdict {
  readonly metric: Metric
  readonly versus?: 'primary' | 'baseline'
  /** The class that decides, where classes have their own tests. */
  readonly class?: string
  readonly verdict: Verdict
  /** Events of the canary. */
  readonly events: number
  readonly bad: number
  /** In the metric's own unit: a ratio, or milliseconds for a quantile. */
  readonly estimate: number | null
  /** An interval in the unit of the estimate that holds at all times at once with probability `1 - alpha`. */
  readonly confidence: readonly [number | null, number | null] | null
  readonly lnEFail: number | null
  readonly lnEPass: number | null
  /** Missing events of the canary, to about a factor of two. */
  readonly eventsToVerdict: number | null
  readonly critical: boolean
  /** Given for a proved shift of predictions that `on-shift: hold` leaves to a person. */
  readonly held?: boolean
  /** Given for a guard: it can only fail the run. */
  readonly guard?: boolean
  /** What must hold for the error probabilities to be right. */
  readonly assumption: string
  /** The labelled share of the canary's predictions that should have a label; null if it needs no labels. */
  readonly coverage: number | null
  /** The primary's counts and its estimate, where the canary is compared with them. */
  readonly primary?: PrimaryCounts
  /** The mirrored requests that decide, where both arms got the same ones. */
  readonly pairs?: Pick<PairCounts, keyof PairCounts>
  /** Why, in one line. */
  readonly reason: string
}

/** What the canary is compared with. */
export type PrimaryCounts = Pick<ObjectiveVerdict, 'events' | 'bad' | 'estimate'>

/** The verdict on a run. */
export interface RunVerdict {
  readonly verdict: Verdict
  /** Why, in one line. */
  readonly reason: string
  readonly objectives: readonly ObjectiveVerdict[]
  /** Why the source cannot be judged, although it was read. */
  readonly unavailable?: string
  /** Given if a proved shift keeps the gates shut until a person decides, also after max-analysis. */
  readonly held?: boolean
  /** The policy that decided instead of the evidence when the run was over. */
  readonly settledBy?: InconclusivePolicy
}

/** Between the reasons of two objectives. */
export const reasonSeparator = ' | '

const worstFirst: readonly Verdict[] = ['fail', 'inconclusive', 'no-data', 'pass']

/** Returns the worst verdict; undefined for none. */
export function worstVerdict(verdicts: readonly RunVerdict[]): RunVerdict | undefined {
  return verdicts.toSorted(
    (a, b) => worstFirst.indexOf(a.verdict) - worstFirst.indexOf(b.verdict)
  )[0]
}
