import type { RateCounts } from '../statistics/counts.ts'
import type { Evidence } from '../statistics/evidence.ts'
import type { LogHistogram } from '../statistics/latency/log-histogram.ts'
import type { CoverageDecision } from '../statistics/sampling/label-coverage.ts'

/** Everything that the verdict on one objective depends on. */
export interface ObjectiveCounts {
  readonly canary: RateCounts
  /**
   * The canary's counts with every event bad that may be, for a histogram without an edge at the threshold:
   * PASS must be proved with these. Undefined if bad events are known exactly.
   */
  readonly canaryAtWorst?: RateCounts | undefined
  /** Blocks with events of the canary. */
  readonly intervals: number
  /** The dispersion, at least 1: counts are divided by it. */
  readonly dispersion: number
  /** Of a comparison with the primary, corrected for dispersion; undefined for a limit. */
  readonly comparison: Evidence | undefined
  /** Why there is no comparison yet, such as no events of the primary. */
  readonly comparisonLacks: string | undefined
  /** Undefined if the metric needs no labels, or labels are never due. */
  readonly coverage: CoverageDecision | undefined
  /** How the numbers are inexact, in words. */
  readonly note?: string | undefined
  /** The canary's latencies; undefined for another metric. */
  readonly latencies: LogHistogram | undefined
}
