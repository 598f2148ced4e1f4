import { capCounters, counterName, countersOf, labelCounters } from '../counter/counter.ts'
import type { Analysis } from '../settings/analysis.ts'
import { isOnlyCompared } from '../settings/metric.ts'
import type { Objective } from '../settings/objective.ts'
import { noArmDispersion } from '../statistics/sampling/arm-dispersion.ts'
import type { ArmDispersion } from '../statistics/sampling/arm-dispersion.ts'
import { ArmsComparison } from './arms-comparison.ts'
import { ClusteredObjective } from './clustered-objective.ts'
import { countedLabels } from './counted.ts'
import type { Counted, CountedLabels } from './counted.ts'
import { RankedObjective } from './ranked-objective.ts'
import { countedTests } from './mean-evidence.ts'
import type { CountedTests } from './mean-evidence.ts'
import type { PredictionShift } from './prediction-shift.ts'

/** One objective of an analysis with the counters that it is judged by. */
export interface JudgedObjective {
  readonly objective: Objective
  /** Its own is the last. */
  readonly counters: readonly Counted[]
  /** Undefined if the objective needs no labels, or they are counted elsewhere. */
  readonly labels: CountedLabels | undefined
  readonly comparison: ArmsComparison | undefined
  /** Undefined for prediction-rate, which counts each cluster once itself. */
  readonly clustered: ClusteredObjective | undefined
  /** Given for prediction-rate. */
  readonly shift: PredictionShift | undefined
  /** Empty for metrics that are no means. */
  readonly tests: CountedTests
  /** Errors that are cut; undefined for other metrics. */
  readonly beyondCap: Counted | undefined
  /** Pairs of a positive and a negative; undefined for metrics but AUC. */
  readonly ranked: RankedObjective | undefined
  arms: ArmDispersion
}

/** Finds the counters of an objective by name. */
export function judgedObjective(
  objective: Objective,
  analysis: Pick<Analysis, 'labels' | 'isDispersionCorrected'>,
  known: {
    readonly find: (name: string) => Counted | undefined
    /** Of the analysis. */
    readonly shift: PredictionShift | undefined
  }
): JudgedObjective {
  const { find } = known
  const shift = isOnlyCompared(objective.metric) ? known.shift : undefined
  const isBounded = analysis.labels === 'all'
  const labels = countedLabels(labelCounters(objective), find)
  const [beyondCap] = capCounters(objective).map(counter => find(counterName(counter)))
  const counters = countersOf(objective).flatMap(counter => find(counterName(counter)) ?? [])
  const ranked = objective.metric === 'auc' ? new RankedObjective(objective) : undefined
  return {
    objective,
    counters,
    labels,
    comparison:
      objective.reference.kind === 'primary' && shift === undefined
        ? new ArmsComparison(objective, analysis, { counters, labels, find })
        : undefined,
    clustered:
      shift === undefined && ranked === undefined
        ? new ClusteredObjective(objective, labels, isBounded)
        : undefined,
    shift,
    tests: countedTests(objective, find),
    beyondCap,
    ranked,
    arms: noArmDispersion
  }
}
