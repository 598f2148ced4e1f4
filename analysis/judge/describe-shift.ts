import { notPositive } from '../counter/predicted-class.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { failThreshold, passThreshold } from '../statistics/budget.ts'
import { shiftMargin } from '../statistics/shift/shift-evidence.ts'
import type { ClassesOfArms, ObjectiveCounts, ShiftedClass } from './counts.ts'
import { shortNumber } from './sentence.ts'
import type { ObjectiveVerdict } from './verdict.ts'

type Judged = Omit<ObjectiveVerdict, 'reason'>
type Levels = Pick<Analysis, 'alpha' | 'beta' | 'minEvents' | 'minIntervals'> & {
  readonly alphaShare: number
}

/**
 * Returns one line about how often the arms predict each class:
 * `prediction-rate: class 1 is 21 % of 300 predictions, primary 10 % of 2700; proved more than 1.5 times the odds`.
 */
export function describeShift(
  { oddsTolerance = 1 }: Objective,
  judged: Judged,
  { shift, note, intervals, comparisonLacks }: ObjectiveCounts & { readonly shift: ClassesOfArms },
  levels: Levels
): string {
  const seen = shift.shown === undefined ? '' : ` ${seenText(shift.shown, shift.classes ?? [])};`
  const text = `prediction-rate:${seen} ${conclusion()}`
  const notes = [
    shift.isOfClusters ? 'the first prediction of each cluster counts' : undefined,
    note
  ].filter(each => each !== undefined)
  return notes.length === 0 ? text : `${text} (${notes.join('; ')})`

  function conclusion(): string {
    if (judged.held === true) {
      return `${proof(shift.shown, oddsTolerance)}; on-shift: hold keeps the gates shut until a person decides`
    }
    switch (judged.verdict) {
      case 'fail':
        return proof(shift.shown, oddsTolerance)
      case 'pass':
        return `each of ${shift.classes?.length ?? 0} classes is proved within ${oddsTolerance} times the odds of the primary or ${shiftMargin} of the predictions`
      case 'no-data':
        return comparisonLacks ?? 'no data yet'
      case 'inconclusive':
        return `undecided within ${oddsTolerance} times the odds: ${missing()}`
    }
  }

  function missing(): string {
    if (comparisonLacks !== undefined) return comparisonLacks
    if (intervals < levels.minIntervals) {
      return `${intervals} of ${levels.minIntervals} required intervals`
    }
    const toFail = share(judged.lnEFail, failThreshold(levels.alpha, levels.alphaShare))
    const toPass = share(judged.lnEPass, passThreshold(levels.beta))
    return `evidence ${toFail} of the way to a shift, ${toPass} to PASS`
  }
}

function proof(shown: ShiftedClass | undefined, oddsTolerance: number): string {
  if (shown === undefined) return 'the predictions are proved to have shifted'
  return shown.lnEMore >= shown.lnELess
    ? `proved more than ${oddsTolerance} times the odds of the primary`
    : `proved less than the odds of the primary divided by ${oddsTolerance}`
}

function seenText(
  { name, canary, primary }: ShiftedClass,
  classes: readonly ShiftedClass[]
): string {
  const share = ({ events, bad }: ShiftedClass['canary']) =>
    `${events === 0 ? 'none' : `${shortNumber((100 * bad) / events)} %`} of ${events}`
  const shares = `${share(canary)} predictions, primary ${share(primary)}`
  if (name === undefined) return `classes other than ${listOthers(classes)} are ${shares}`
  return name === notPositive
    ? `scores below the threshold are ${shares}`
    : `class ${name} is ${shares}`
}

const shownNames = 3

function listOthers(classes: readonly ShiftedClass[]): string {
  const names = classes.flatMap(({ name = notPositive }) => (name === notPositive ? [] : [name]))
  return `${names.slice(0, shownNames).join(', ')}${names.length > shownNames ? ' and so on' : ''}`
}

function share(lnE: number | null, threshold: number): string {
  return `${Math.round(100 * Math.min(1, Math.max(0, (lnE ?? 0) / threshold)))} %`
}
