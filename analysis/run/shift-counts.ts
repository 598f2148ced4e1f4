import { alphaShare } from '../judge/alpha-share.ts'
import type { ObjectiveCounts, ShiftedClass } from '../judge/counts.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { failThreshold } from '../statistics/budget.ts'
import { noCounts } from '../statistics/counts.ts'
import { shiftOfAll, strength } from '../statistics/shift/shift-evidence.ts'
import { maxClasses } from '../counter/class-book.ts'
import type { PredictionShift } from './prediction-shift.ts'

type ShiftCounts = Pick<
  ObjectiveCounts,
  'canary' | 'primary' | 'comparison' | 'comparisonLacks' | 'shift'
>

const tooManyClasses = `the primary predicts more than ${maxClasses} classes in a block: name classes, or a threshold for scores`

/**
 * Returns what prediction-rate is judged by. Its counts are those of one class in the compared blocks: the class
 * that is proved to have shifted, else the positive class.
 */
export function shiftCounts(
  shift: PredictionShift,
  objective: Objective,
  analysis: Analysis,
  isOfClusters: boolean
): ShiftCounts {
  const classes = shift.classes(analysis.isDispersionCorrected)
  if (classes === undefined || classes.length === 0) {
    return {
      canary: noCounts,
      primary: noCounts,
      comparison: undefined,
      comparisonLacks: shift.isOverfull ? tooManyClasses : 'no block is compared yet',
      shift: { classes: undefined, shown: undefined, isOfClusters }
    }
  }
  const shown = shownClass(classes, objective, analysis)
  const { canary = noCounts, primary = noCounts } = shown ?? {}
  const areBoth = canary.events > 0 && primary.events > 0
  return {
    canary,
    primary,
    comparison: areBoth ? shiftOfAll(classes) : undefined,
    comparisonLacks: areBoth
      ? undefined
      : 'no closed block has predictions of the canary and of the primary',
    shift: { classes, shown, isOfClusters }
  }
}

function shownClass(
  classes: readonly ShiftedClass[],
  objective: Objective,
  analysis: Analysis
): ShiftedClass | undefined {
  const threshold =
    failThreshold(analysis.alpha, alphaShare(analysis, objective)) + Math.log(2 * classes.length)
  const positive = classes.find(({ name }) => name === analysis.positive)
  const strongest = classes.toSorted((a, b) => strength(b) - strength(a))[0]
  if (positive === undefined || strongest === undefined) return strongest
  const isOther = strength(positive) < threshold && strength(strongest) >= threshold
  return isOther ? strongest : positive
}
