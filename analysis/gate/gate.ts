import { bound, Fault } from '../../common/fault.ts'
import { alphaShare } from '../judge/alpha-share.ts'
import { classOf } from '../judge/judge-objective.ts'
import { concludeRun } from '../judge/judge-run.ts'
import type { ObjectiveVerdict, Verdict } from '../judge/verdict.ts'
import {
  addJoined,
  isFraction,
  noVocabulary,
  numbersProblem,
  vocabularyProblem
} from '../counter/vocabulary.ts'
import type { CountingRules } from '../counter/count-outcome.ts'
import type { Analysis } from '../settings/analysis.ts'
import { isNumber } from '../counter/mean.ts'
import { comparedAs } from '../settings/compared-as.ts'
import { byClass } from '../settings/objective.ts'
import type { Objective } from '../settings/objective.ts'
import type { GateFinding, GateLevels } from './finding.ts'
import type { GateRow } from './gate-row.ts'
import { judgeArea } from './judge-area.ts'
import { judgeLimit } from './judge-limit.ts'
import { judgePairs } from './judge-pairs.ts'
import type { GateRules } from './tally.ts'

/** What every report says about the intervals. */
export const oneLook =
  'One look at a finished file: the intervals are fixed-sample ones, and hold for this look only.'

/** The verdict of a gate: what the analysis says of an objective, without evidence over time. */
export interface GateReport {
  readonly verdict: Verdict
  readonly reason: string
  readonly rows: number
  readonly objectives: readonly ObjectiveVerdict[]
}

/** The files of a gate, as they were read. */
export interface GateFiles {
  readonly rows: readonly GateRow[]
  /** The same rows of another model; undefined if there is none. */
  readonly against: readonly GateRow[] | undefined
}

/**
 * Judges a model once by a file.
 *
 * @throws {Fault} `GATE_INPUT_INVALID` if the file cannot be judged
 */
export function judgeGate(
  analysis: Analysis,
  { rows, against }: GateFiles,
  minEvents: number
): GateReport {
  checkRows(analysis, rows)
  const how: GateRules = { rules: rulesOf(analysis), labels: analysis.labels }
  const pairs = analysis.objectives.map(objective => {
    const classes = byClass(objective)
    const levels: GateLevels = {
      fail: analysis.alpha * alphaShare(analysis, objective),
      pass: analysis.beta,
      minEvents
    }
    const findings = classes.map(each => ({
      ...judgeOne(each, { rows, against }, how, levels),
      ...classOf(each)
    }))
    return { objective, judged: verdictOf(objective, worstFinding(findings)) }
  })
  const { verdict, reason, objectives } = concludeRun(analysis, pairs, { isOver: false, after: '' })
  return { verdict, reason, rows: rows.length, objectives }
}

function judgeOne(
  objective: Objective,
  { rows, against }: GateFiles,
  how: GateRules,
  levels: GateLevels
): GateFinding {
  if (objective.reference.kind === 'primary') {
    if (against === undefined)
      throw invalid(`${objective.metric}.versus: primary requires --against`)
    return judgePairs(objective, { canary: rows, primary: against }, how, levels)
  }
  return objective.metric === 'auc'
    ? judgeArea(objective, rows, how, levels)
    : judgeLimit(objective, rows, how, levels)
}

const worstFirst: readonly Verdict[] = ['fail', 'inconclusive', 'no-data', 'pass']

/** Of several classes, the one that decides. */
function worstFinding(findings: readonly GateFinding[]): GateFinding {
  const [first] = [...findings].sort((a, b) => {
    const order = worstFirst.indexOf(a.verdict) - worstFirst.indexOf(b.verdict)
    return order === 0 ? (a.estimate ?? 1) - (b.estimate ?? 1) : order
  })
  if (first === undefined) throw new TypeError('an objective is about a class')
  return first
}

function verdictOf(
  { metric, reference, critical }: Objective,
  { sentence, ...finding }: GateFinding
): ObjectiveVerdict {
  return {
    metric,
    ...(reference.kind === 'limit' ? {} : { versus: reference.kind }),
    ...finding,
    lnEFail: null,
    lnEPass: null,
    eventsToVerdict: null,
    critical,
    reason: `${finding.verdict}: ${sentence}`
  }
}

function rulesOf({ positive, tolerance, errorCap, responseTimeoutMs }: Analysis): CountingRules {
  return {
    positive,
    tolerance,
    errorCap,
    responseTimeoutMs,
    warmUntilMs: Number.NEGATIVE_INFINITY,
    cuts: undefined
  }
}

/** A file that cannot be what its objectives are about is no verdict. */
function checkRows(analysis: Analysis, rows: readonly GateRow[]): void {
  if (rows.length === 0) throw invalid('the file has no rows')
  const metrics = analysis.objectives.map(({ metric }) => metric)
  const errors = rows.filter(({ outcome }) => outcome.isError).length
  if (errors > 0 && !metrics.includes('error-rate')) {
    throw invalid(
      `${errors} of ${rows.length} rows have no prediction: errors of the model, which no objective counts; add error-rate.max`
    )
  }
  const kinds = new Set(metrics.map(metric => comparedAs(metric, analysis)))
  if (kinds.has('numbers')) checkNumbers(rows)
  if (kinds.has('classes')) checkClasses(analysis, rows)
}

function checkNumbers(rows: readonly GateRow[]): void {
  for (const [at, { outcome }] of rows.entries()) {
    for (const name of ['label', 'predicted'] as const) {
      const value = outcome[name]
      if (value === undefined || isNumber(value)) continue
      const what = name === 'label' ? 'label' : 'prediction'
      throw invalid(
        `row ${at + 1}: the ${what} ${JSON.stringify(bound(value, 40))} is not a number; mae, bias and tolerance are about numbers`
      )
    }
  }
}

function checkClasses({ positive, classes }: Analysis, rows: readonly GateRow[]): void {
  let vocabulary = noVocabulary
  for (const { outcome } of rows) {
    const { predicted, label } = outcome
    if (predicted === undefined || label === undefined) continue
    const fraction = classes === undefined ? [predicted, label].find(isFraction) : undefined
    if (fraction !== undefined) throw invalid(numbersProblem(fraction))
    vocabulary = addJoined(vocabulary, { predicted, label }, positive)
  }
  const problem = vocabularyProblem(vocabulary, classes)
  if (problem !== undefined) throw invalid(problem)
}

function invalid(problem: string): Fault {
  return new Fault('GATE_INPUT_INVALID', problem)
}

/** Returns the name of an objective in a report: `precision`, `precision versus primary`. */
export function nameOfVerdict({
  metric,
  versus
}: Pick<ObjectiveVerdict, 'metric' | 'versus'>): string {
  return versus === undefined ? metric : `${metric} versus ${versus}`
}
