import type { Answer } from '../../../service/http/answer.ts'
import { unjudgedText } from '../../canary/unjudged-text.ts'
import { tracedObjective } from '../../judge/traced-objective.ts'
import { reasonSeparator, worstVerdict } from '../../judge/verdict.ts'
import type { RunVerdict } from '../../judge/verdict.ts'
import { namesOf } from '../../settings/names.ts'
import type { Objective } from '../../settings/objective.ts'
import type { HookRow, TracePoint } from '../../store/store.ts'
import type { AnalysisReport, RunReport } from '../report.ts'
import { sourceDown } from '../source-down.ts'
import { callKind } from './evidence-chart.ts'
import { clock, elapsed } from './figures.ts'
import { pageAnswer } from './layout.ts'
import type { Page } from './layout.ts'
import { objectiveSection } from './objective-section.ts'
import type { ObjectiveSection } from './objective-section.ts'

/** What rollout-page.hbs shows. */
interface RolloutPage extends Page {
  readonly verdict: string
  /** Empty if the objectives say all of it. */
  readonly reason: string
  /** Why a source is down; null if none is. */
  readonly sourceDown: string | null
  /** Which metrics of the Canary nothing here judges; empty if there is none. */
  readonly unjudged: string
  readonly model: string
  readonly commit: string | null
  /** Of the run. */
  readonly number: number
  readonly checksum: string
  readonly started: string
  /** How the run ended; null while it is running. */
  readonly ended: string | null
  readonly elapsed: string
  /** `2 late, 1 duplicate`; empty if nothing was counted. */
  readonly occurrences: string
  readonly objectives: readonly ObjectiveSection[]
  readonly calls: readonly CallRow[]
  /** Empty if the rollout has one run. */
  readonly runs: readonly RunRow[]
}

const refreshSeconds = 15

interface CallRow extends Pick<HookRow, 'type' | 'status' | 'text'> {
  readonly after: string
  /** The class of the badge: a verdict. */
  readonly tone: string
}

interface RunRow {
  readonly number: number
  /** Null for the run that the page shows. */
  readonly page: string | null
  readonly started: string
  readonly ended: string | null
  readonly checksum: string
}

/** Returns the path of a rollout's page. */
export function pagePath({ namespace, name }: RunReport['name']): string {
  return `/rollouts/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`
}

/** Answers with the page of one run of a rollout. */
export function rolloutPage(report: RunReport, nowMs: number): Answer {
  const { run, hooks } = report
  const page: RolloutPage = {
    ...head(report, nowMs),
    objectives: objectives(report, Math.max(run.endedMs ?? nowMs, run.startedMs + 1)),
    calls: hooks.map(hook => callRow(hook, run.startedMs)),
    runs: runs(report)
  }
  return pageAnswer(200, 'rollout-page', page)
}

function head(
  { name, run, analyses, occurrences }: RunReport,
  nowMs: number
): Omit<RolloutPage, 'objectives' | 'calls' | 'runs'> {
  const judged = analyses.flatMap(({ verdict }) => verdict ?? [])
  const last = analyses.flatMap(({ points }) => points.at(-1)?.verdict ?? [])
  const worst = worstVerdict(judged)
  const { model, commit } = namesOf(analyses.map(({ analysis }) => analysis))
  return {
    title: `${name.namespace}/${name.name}`,
    refreshSeconds: run.endedMs === null ? refreshSeconds : null,
    verdict: worst?.verdict ?? last[0] ?? 'no-data',
    reason: worst === undefined ? (analyses[0]?.failed ?? '') : unsaidReason(worst, judged),
    sourceDown: sourceDown(run, judged),
    unjudged: run.facts.unjudged === undefined ? '' : unjudgedText(run.facts.unjudged),
    model: model ?? name.name,
    commit: commit ?? null,
    ...runFacts(run, nowMs),
    occurrences: occurrencesText(occurrences)
  }
}

/** The sections of the objectives say their reasons: the head says only what is not among them. */
function unsaidReason({ reason }: RunVerdict, all: readonly RunVerdict[]): string {
  const said = all.flatMap(({ objectives: each }) => each.map(objective => objective.reason))
  const parts = reason.split(reasonSeparator)
  const isSaid = parts.every(part => said.some(own => own === part || own.endsWith(`: ${part}`)))
  return isSaid ? '' : reason
}

function runFacts(
  run: RunReport['run'],
  nowMs: number
): Pick<RolloutPage, 'number' | 'checksum' | 'started' | 'ended' | 'elapsed'> {
  return {
    number: run.number,
    checksum: checksumText(run),
    started: clock(run.startedMs),
    ended: run.endedMs === null ? null : (run.endedPhase ?? 'superseded'),
    elapsed: elapsed((run.endedMs ?? nowMs) - run.startedMs)
  }
}

function occurrencesText(occurrences: RunReport['occurrences']): string {
  return [...occurrences]
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ')
}

function objectives(
  { run, analyses, hooks }: RunReport,
  endMs: number
): readonly ObjectiveSection[] {
  return analyses.flatMap((each, at) => {
    const points = withNow(each, endMs)
    return shownObjectives(each.analysis, points).map((objective, index) =>
      objectiveSection({
        id: `objective-${at}-${index}`,
        objective,
        analysis: each.analysis,
        points: points.flatMap(({ atMs, objectives }) => {
          const own = objectives[index]
          return own === undefined ? [] : [{ atMs, ...own }]
        }),
        reason: each.verdict?.objectives[index]?.reason,
        startMs: run.startedMs,
        endMs,
        hooks
      })
    )
  })
}

/** Returns the objectives, and the guards if one has failed. */
function shownObjectives(
  { objectives, guards }: AnalysisReport['analysis'],
  points: readonly TracePoint[]
): readonly Objective[] {
  const isGuarding = points.some(point => point.objectives.length > objectives.length)
  return isGuarding ? [...objectives, ...guards] : objectives
}

/** Appends the present verdict to the stored points. */
function withNow({ points, verdict }: AnalysisReport, endMs: number): readonly TracePoint[] {
  if (verdict === undefined || verdict.objectives.length === 0) return points
  const objectives = verdict.objectives.map(tracedObjective)
  return [...points, { atMs: endMs, verdict: verdict.verdict, objectives }]
}

function callRow(hook: HookRow, startMs: number): CallRow {
  const tones = {
    opened: 'pass',
    held: 'inconclusive',
    failed: 'fail',
    neutral: 'no-data'
  } as const
  const { type, status, text, atMs } = hook
  return {
    after: elapsed(Math.max(0, atMs - startMs)),
    type,
    tone: tones[callKind(hook)],
    status,
    text
  }
}

function runs({ name, run: shown, runs: all }: RunReport): readonly RunRow[] {
  if (all.length < 2) return []
  return all.map(run => ({
    number: run.number,
    page: run.number === shown.number ? null : pagePath(name),
    started: clock(run.startedMs),
    ended: run.endedMs === null ? null : (run.endedPhase ?? 'superseded'),
    checksum: checksumText(run)
  }))
}

function checksumText({ checksum }: RunReport['run']): string {
  return checksum === '' ? 'none' : checksum
}
