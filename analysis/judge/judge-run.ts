import type { Analysis, InconclusivePolicy } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import type { RateCounts } from '../statistics/counts.ts'
import { alphaShare } from './alpha-share.ts'
import type { ObjectiveCounts } from './counts.ts'
import { judgeObjective } from './judge-objective.ts'
import type { ObjectiveVerdict, RunVerdict, Verdict } from './verdict.ts'

const maxReasonCharacters = 700

/**
 * Judges a run: FAIL as soon as one objective or guard is proved to fail, PASS when every critical objective (or
 * every objective, if none is critical) is proved to pass and none failed. A guard is listed once it fails.
 * Predictions and labels that cannot be compared are no verdict. After `maxAnalysisMs` the
 * on-inconclusive policy settles what is undecided, and the reason says so.
 *
 * @param counts in the order of the analysis' objectives, then of its guards
 */
export function judgeRun(
  analysis: Analysis,
  counts: readonly ObjectiveCounts[],
  ageMs: number
): RunVerdict {
  const pairs = [...analysis.objectives, ...analysis.guards].flatMap((objective, index) => {
    const own = counts[index]
    if (own === undefined) return []
    const { canary, canaryAtBest = canary, canaryAtWorst = canary } = own
    const levels = { ...analysis, alphaShare: alphaShare(analysis, objective) }
    const judged = judgeObjective(objective, own, levels)
    if (objective.isGuard && judged.verdict !== 'fail') return []
    return [{ objective, judged, best: canaryAtBest, worst: canaryAtWorst }]
  })
  const unavailable = counts.find(({ unusable }) => unusable !== undefined)?.unusable
  if (unavailable !== undefined && !pairs.some(({ judged }) => judged.verdict === 'fail')) {
    const objectives = pairs.map(({ judged }) => judged)
    return { verdict: 'no-data', reason: unavailable, objectives, unavailable }
  }
  const isOver = ageMs >= analysis.maxAnalysisMs
  return concludeRun(analysis, pairs, { isOver, after: 'max-analysis' })
}

/** An objective and the verdict on it. */
export interface JudgedObjective {
  readonly objective: Objective
  readonly judged: ObjectiveVerdict
  /** The canary's counts with every event good, and bad, that may be; undefined if they are known exactly. */
  readonly best?: RateCounts
  readonly worst?: RateCounts
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
  return (about.length > 0 ? about : possible)
    .map(({ reason }) => reason)
    .join('; ')
    .slice(0, maxReasonCharacters)
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
    .map(({ objective, judged, best = judged, worst = judged }) => {
      const policy =
        analysis.onInconclusive ?? (objective.critical ? 'fail' : 'pass-if-estimate-ok')
      return {
        judged,
        policy,
        settled: settleOne(policy, objective, { ...judged, best, worst }, analysis)
      }
    })
  const worst = (['fail', 'hold', 'pass'] as const).find(wanted =>
    open.some(({ settled }) => settled === wanted)
  )
  const decisive = open.find(({ settled }) => settled === worst)
  if (decisive === undefined || worst === 'hold') {
    const reason = `the policy on-inconclusive: hold leaves the decision to a person after ${after}: ${reasonOf(verdict, objectives)}`
    return { verdict, reason: reason.slice(0, maxReasonCharacters), objectives }
  }
  const reason = `the policy on-inconclusive: ${decisive.policy} decided after ${after}, not the evidence: ${decisive.judged.reason}`
  return {
    verdict: worst === 'pass' ? 'pass' : 'fail',
    reason: reason.slice(0, maxReasonCharacters),
    objectives,
    settledBy: decisive.policy
  }
}

/** `pass-if-estimate-ok` passes an estimate within its limit only below an e-value of 10. */
const lnFaintEvidence = Math.log(10)

function settleOne(
  policy: InconclusivePolicy,
  objective: Objective,
  {
    events,
    lnEFail,
    best,
    worst
  }: Pick<ObjectiveVerdict, 'events' | 'lnEFail'> &
    Required<Pick<JudgedObjective, 'best' | 'worst'>>,
  { minEvents }: Analysis
): Settled {
  if (policy !== 'pass-if-estimate-ok') return policy
  if (events === 0 || events < minEvents || lnEFail === null) return 'fail'
  if (lnEFail >= lnFaintEvidence) return 'fail'
  const { reference, metric } = objective
  if (reference.kind === 'primary') return lnEFail <= 0 ? 'pass' : 'fail'
  const { badRatio } = reference
  const isMet =
    worst.bad / worst.events <= badRatio &&
    // A bias may be too large to the other side too.
    (metric !== 'bias' || 1 - best.bad / best.events <= badRatio)
  return isMet ? 'pass' : 'fail'
}
