import type { PairCounts } from '../statistics/comparison/pair-evidence.ts'
import type { RateCounts } from '../statistics/counts.ts'
import type { Evidence } from '../statistics/evidence.ts'
import type { Block } from '../statistics/counts.ts'
import type { ShiftEvidence } from '../statistics/shift/shift-evidence.ts'
import type { LogHistogram } from '../statistics/latency/log-histogram.ts'

/** Predictions of one arm that should have a label by now, and those that have one. */
export interface Labelled {
  readonly predictions: number
  readonly labelled: number
}

/** The labels of both arms. */
export interface LabelsOfArms {
  readonly canary: Labelled
  readonly primary: Labelled
  /** Whether the arms are proved to be labelled differently; with `labels: sampled` nothing is proved then. */
  readonly isDifferent: boolean
}

/** One test of a mean against its limit. */
export interface MeanTest {
  /** Bias may be too large to either side. */
  readonly direction: 'above' | 'below'
  readonly side: 'fail' | 'pass'
  readonly lnE: number
}

/** The evidence about a mean, and the tests that it is of. */
export interface MeanEvidence extends Evidence {
  readonly tests: readonly MeanTest[]
}

/** What the clusters of an objective prove. */
export interface ClusterVerdict {
  /** Clusters of the canary that count. */
  readonly count: number
  /** Undefined before a closed block with clusters. */
  readonly evidence: Evidence | undefined
  /** Of clusters, at least 1: an interval for display is as wide as the dependence within them makes it. */
  readonly dispersion: number
}

/** How often both arms predicted one class in the compared blocks: "bad" are predictions of the class. */
export interface ShiftedClass extends Block, ShiftEvidence {
  /** Undefined: all classes that are not compared one by one. */
  readonly name: string | undefined
}

/** What prediction-rate is judged by. */
export interface ClassesOfArms {
  /** Of each class; undefined before a compared block. */
  readonly classes: readonly ShiftedClass[] | undefined
  /** The class that the counts of the objective are about; undefined before a compared block. */
  readonly shown: ShiftedClass | undefined
  /** Whether events have clusters, of which each counts once. */
  readonly isOfClusters: boolean
}

/** Everything that the verdict on one objective depends on. */
export interface ObjectiveCounts {
  readonly canary: RateCounts
  /** The primary's counts and latencies, for display. */
  readonly primary: RateCounts
  readonly primaryLatencies: LogHistogram | undefined
  /**
   * The canary's counts with every event good that may be, because labels are missing: FAIL must be proved
   * with these. Undefined if good events are known exactly.
   */
  readonly canaryAtBest?: RateCounts | undefined
  /**
   * The canary's counts with every event bad that may be, because labels are missing or a histogram has no
   * edge at the threshold: PASS must be proved with these. Undefined if bad events are known exactly.
   */
  readonly canaryAtWorst?: RateCounts | undefined
  /** The evidence about a mean, which counts alone do not give; undefined for other metrics. */
  readonly mean?: MeanEvidence | undefined
  /** The canary's errors, and those that count as smaller than they are; undefined for other metrics. */
  readonly beyondCap?: RateCounts | undefined
  /** Given where events have clusters: they are judged by clusters, not by events. */
  readonly clusters?: ClusterVerdict
  /** Blocks with events of the canary. */
  readonly intervals: number
  /** The dispersion, at least 1: counts are divided by it. */
  readonly dispersion: number
  /** Of a comparison with the primary, corrected for dispersion; undefined for a limit. */
  readonly comparison: Evidence | undefined
  /** The mirrored requests that the comparison is by; undefined if both arms got different ones. */
  readonly pairs?: PairCounts
  /** Why there is no comparison yet, such as no events of the primary. */
  readonly comparisonLacks: string | undefined
  /** Undefined if the metric needs no labels, or they are counted elsewhere. */
  readonly labels: LabelsOfArms | undefined
  /** Why predictions and labels cannot be compared; then there is no verdict. */
  readonly unusable: string | undefined
  /** Why nothing is proved although there is evidence, such as labels without which nothing can be said. */
  readonly undecided?: string
  /** How the numbers are inexact, in words. */
  readonly note?: string | undefined
  /** Given for prediction-rate. */
  readonly shift?: ClassesOfArms
  /** The canary's latencies; undefined for another metric. */
  readonly latencies: LogHistogram | undefined
}

/** Whether mirrored requests decide. Clusters do where events have them. */
export function isByPairs({ pairs, clusters }: ObjectiveCounts): boolean {
  return pairs !== undefined && clusters === undefined
}
