import type { RateCounts } from '../statistics/counts.ts'
import type { Evidence } from '../statistics/evidence.ts'
import type { LogHistogram } from '../statistics/latency/log-histogram.ts'
import type { CoverageDecision } from '../statistics/sampling/label-coverage.ts'

/** All that the verdict on one objective rests on. */
export interface ObjectiveCounts {
  readonly canary: RateCounts
  /**
   * The canary's with everything bad that may be, for a histogram without an edge at the threshold: PASS
   * has to be proved by these. Undefined where bad events are known exactly.
   */
  readonly canaryAtWorst?: RateCounts | undefined
  /** Blocks in which something of the canary counts. */
  readonly intervals: number
  /** At least 1: what counts are divided by. */
  readonly dispersion: number
  /** Of a comparison with the primary, corrected already; undefined for a limit. */
  readonly comparison: Evidence | undefined
  /** Why there is no comparison yet: no primary, no latency of it to compare with. */
  readonly comparisonLacks: string | undefined
  /** Undefined where labels are not needed, or have no time in which they are due. */
  readonly coverage: CoverageDecision | undefined
  /** How the numbers are less than exact, for people. */
  readonly note?: string | undefined
  /** The canary's latencies; undefined for another metric. */
  readonly latencies: LogHistogram | undefined
}
