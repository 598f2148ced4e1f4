import { bound } from '../../common/fault.ts'
import type { Analysis, InconclusivePolicy } from '../settings/analysis.ts'
import { byClass } from '../settings/objective.ts'
import type { Objective } from '../settings/objective.ts'
import type { RateCounts } from '../statistics/counts.ts'
import { alphaShare } from './alpha-share.ts'
import type { ObjectiveCounts } from './counts.ts'
import { judgeObjective } from './judge-objective.ts'
import { reasonSeparator } from './verdict.ts'
import type { ObjectiveVerdict, RunVerdict, Verdict } from './verdict.ts'
import { worstClass } from './worst-class.ts'

const maxReasonCharacters = 700

/**
 * Judges a run: FAIL as soon as one objective or guard is proved to fail, PASS when every critical objective (or
 * every objective, if none is critical) is proved to pass and none failed. A guard is listed once it fails.
 * Predictions and labels that cannot be compared are no verdict. A shift of predictions that `on-shift: hold` leaves to
 * a person keeps the run open. After `maxAnalysisMs` the
 * on-inconclusive policy settles what is undecided, and the reason says so.
 *
 * @param counts in the order of the analysis' objectives, then of its guards; one for each class of an objective
 */
export function judgeRun(
  analysis: Analysis,
  counts: readonly ObjectiveCounts[],
  ageMs: number
): RunVerdict {
  const expanded = [...analysis.objectives, ...analysis.guards].map(byClass)
  let at = 0
  const pairs = expanded.flatMap(classes => {
    const own = counts.slice(at, (at += classes.length))
    const judged = worstClass(judgeClasses(analysis, classes, own))
    return judged === undefined || (judged.objective.isGuard && judged.judged.verdict !== 'fail')
      ? []
      : [judged]
  })
  const unavailable = counts.find(({ unusable }) => unusable !== undefined)?.unusable
  if (unavailable !== undefined && !pairs.some(({ judged }) => judged.verdict === 'fail')) {
    const objectives = pairs.map(({ judged }) => judged)
    return { verdict: 'no-data', reason: unavailable, objectives, unavailable }
  }
  const isOver = ageMs >= analysis.maxAnalysisMs
  return concludeRun(analysis, pairs, { isOver, after: 'max-analysis' })
}

/** Judges each class of an objective, or an objective that is about one. */
function judgeClasses(
  analysis: Analysis,
  classes: readonly Objective[],
  counts: readonly ObjectiveCounts[]
): readonly JudgedObjective[] {
  const each: JudgedObjective[] = classes.flatMap((objective, index) => {
    const own = counts[index]
    if (own === undefined) return []
    const { canary, canaryAtBest: best = canary, canaryAtWorst: worst = canary } = own
    const share = alphaShare(analysis, objective) / classes.length
    const judged = judgeObjective(objective, own, { ...analysis, alphaShare: share })
    return [{ objective, judged, best, worst }]
  })
  return each.map(judged => ({ ...judged, classes: each }))
}

/** An objective and the verdict on it. */
export interface JudgedObjective {
  readonly objective: Objective
  readonly judged: ObjectiveVerdict
  /** The canary's counts with every event good, and bad, that may be; undefined if they are known exactly. */
  readonly best?: RateCounts
  readonly worst?: RateCounts
  /** Every class of the objective, of which this one decides; undefined if it is about one. */
  readonly classes?: readonly JudgedObjective[]
}

/**
 * Combines the verdicts on the objectives of a run. When the run is over, the on-inconclusive policy settles
 * what is undecided.
 *
 * @param end whether the run is over, and after what
 */
export function concludeRun(
  analysis: Analysis,
  pairs: readonly JudgedObjective[],
  end: { readonly isOver: boolean; readonly after: string }
): RunVerdict {
  const objectives = pairs.map(({ judged }) => judged)
  const verdict = combine(objectives)
  const held = objectives.filter(each => each.held === true)
  if (verdict !== 'fail' && held.length > 0) {
    const reason = reasonOf('inconclusive', held)
    return { verdict: 'inconclusive', reason, objectives, held: true }
  }
  const isOpen = verdict === 'inconclusive' || verdict === 'no-data'
  if (isOpen && end.isOver) return settle(analysis, pairs, { verdict, after: end.after })
  return { verdict, reason: reasonOf(verdict, objectives), objectives }
}

function combine(objectives: readonly ObjectiveVerdict[]): Verdict {
  if (objectives.some(({ verdict }) => verdict === 'fail')) return 'fail'
  if (asked(objectives).every(({ verdict }) => verdict === 'no-data')) return 'no-data'
  return needed(objectives).every(({ verdict }) => verdict === 'pass') ? 'pass' : 'inconclusive'
}

function needed(objectives: readonly ObjectiveVerdict[]): readonly ObjectiveVerdict[] {
  const critical = objectives.filter(each => each.critical)
  return critical.length > 0 ? critical : asked(objectives)
}

function asked(objectives: readonly ObjectiveVerdict[]): readonly ObjectiveVerdict[] {
  return objectives.filter(({ guard }) => guard !== true)
}

/** The reasons of the objectives with this verdict, or of all if there is none. */
function reasonOf(verdict: Verdict, objectives: readonly ObjectiveVerdict[]): string {
  if (verdict === 'no-data') return 'no data yet'
  const possible = verdict === 'fail' ? objectives : asked(objectives)
  const about = possible.filter(each => each.verdict === verdict)
  const reasons = (about.length > 0 ? about : possible).map(({ reason }) => reason)
  return bound(reasons.join(reasonSeparator), maxReasonCharacters)
}

type Settled = 'pass' | 'fail' | 'hold'

function settle(
  analysis: Analysis,
  pairs: readonly JudgedObjective[],
  { verdict, after }: { readonly verdict: Verdict; readonly after: string }
): RunVerdict {
  const objectives = pairs.map(({ judged }) => judged)
  const open = pairs
    .filter(({ judged }) => needed(objectives).includes(judged) && judged.verdict !== 'pass')
    .map(own => {
      const { objective, judged, classes = [own] } = own
      const policy =
        analysis.onInconclusive ?? (objective.critical ? 'fail' : 'pass-if-estimate-ok')
      const open = classes.filter(each => each.judged.verdict !== 'pass')
      const settled = open.map(each => settleOne(policy, each, analysis))
      return { judged, policy, settled: worstSettled(settled) }
    })
  const worst = worstSettled(open.map(({ settled }) => settled))
  const decisive = open.find(({ settled }) => settled === worst)
  if (decisive === undefined || worst === 'hold') {
    const reason = `the policy on-inconclusive: hold leaves the decision to a person after ${after}: ${reasonOf(verdict, objectives)}`
    return { verdict, reason: bound(reason, maxReasonCharacters), objectives }
  }
  const reason = `the policy on-inconclusive: ${decisive.policy} decided after ${after}, not the evidence: ${decisive.judged.reason}`
  return {
    verdict: worst === 'pass' ? 'pass' : 'fail',
    reason: bound(reason, maxReasonCharacters),
    objectives,
    settledBy: decisive.policy
  }
}

/** `pass-if-estimate-ok` passes an estimate within its limit only below an e-value of 10. */
const lnFaintEvidence = Math.log(10)

function worstSettled(settled: readonly Settled[]): Settled {
  return (['fail', 'hold'] as const).find(wanted => settled.includes(wanted)) ?? 'pass'
}

function settleOne(
  policy: InconclusivePolicy,
  { objective, judged, best = judged, worst = judged }: JudgedObjective,
  { minEvents }: Analysis
): Settled {
  if (policy !== 'pass-if-estimate-ok') return policy
  const { events, lnEFail } = judged
  if (events === 0 || events < minEvents || lnEFail === null) return 'fail'
  if (lnEFail >= lnFaintEvidence) return 'fail'
  if (objective.reference.kind === 'primary') return lnEFail <= 0 ? 'pass' : 'fail'
  return isWithin(objective, objective.reference.badRatio, { best, worst }) ? 'pass' : 'fail'
}

/** Whether an estimate is within its limit, whatever missing labels are; that of bias to either side. */
function isWithin(
  { metric }: Objective,
  badRatio: number,
  { best, worst }: { readonly best: RateCounts; readonly worst: RateCounts }
): boolean {
  const isBelow = metric !== 'bias' || 1 - best.bad / best.events <= badRatio
  return isBelow && worst.bad / worst.events <= badRatio
}
