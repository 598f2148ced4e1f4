import { stringifyJson } from '../../common/json.ts'
import { jsonAnswer, textAnswer } from '../../service/http/answer.ts'
import type { Answer } from '../../service/http/answer.ts'
import type { HttpRequest } from '../../service/http/request.ts'
import type { Route } from '../../service/http/route.ts'
import type { Analyst } from '../analyst.ts'
import type { UnknownRollout } from '../event/unknown-rollouts.ts'
import { rolloutName } from '../event/own-event.ts'
import { listPage } from './page/list-page.ts'
import { pageAnswer } from './page/layout.ts'
import { rolloutPage } from './page/rollout-page.ts'
import type { RunReport } from './report.ts'
import { summaryOf } from './summary.ts'
import type { RolloutSummary } from './summary.ts'

type Reader = Pick<Analyst, 'rollouts' | 'unknownRollouts' | 'judge' | 'report'>

/**
 * The routes of rollouts: the list as a page at `/` and as JSON at `/rollouts`, and one rollout at
 * `/rollouts/NAMESPACE/NAME`, as a page or as JSON by the `Accept` header.
 */
export function rolloutsRoutes(analyst: Reader, nowMs: () => number): readonly Route[] {
  const list = () =>
    analyst
      .rollouts()
      .map(({ name, run }) => summaryOf(name, analyst.judge(run), nowMs()))
      .sort((a, b) => (a.run.lastHookAt < b.run.lastHookAt ? 1 : -1))
  return [
    {
      method: 'GET',
      path: '/',
      handler: () => listPage(list(), analyst.unknownRollouts(), nowMs())
    },
    {
      method: 'GET',
      path: '/rollouts',
      handler: () => {
        const unknown = analyst.unknownRollouts().map(unknownJson)
        return jsonAnswer(200, stringifyJson({ rollouts: list().map(toJson), unknown }))
      }
    },
    {
      method: 'GET',
      path: '/rollouts/:namespace/:name',
      handler: request => showRollout(request, analyst, nowMs())
    }
  ]
}

function toJson(summary: RolloutSummary) {
  return { ...summary, run: { ...summary.run } }
}

function unknownJson({ namespace, name, events, lastMs }: UnknownRollout) {
  return { namespace, name, events, lastEventAt: new Date(lastMs).toISOString() }
}

function showRollout(request: HttpRequest, analyst: Reader, nowMs: number): Answer {
  const isJson = request.headers.accept?.includes('application/json') ?? false
  const number = /^[1-9]\d{0,8}$/.exec(request.queryValue('run') ?? '')?.[0]
  const name = rolloutName(request.params.namespace ?? '', request.params.name ?? '')
  const report =
    name === undefined ? undefined : analyst.report(name, number ? Number(number) : undefined)
  if (report === undefined) {
    return isJson ? textAnswer(404, 'rollout or run not found') : missingPage()
  }
  return isJson ? jsonAnswer(200, stringifyJson(reportJson(report))) : rolloutPage(report, nowMs)
}

function missingPage(): Answer {
  return pageAnswer(404, 'missing-page', { title: 'Not found', refreshSeconds: null })
}

function reportJson({ name, run, analyses, hooks, occurrences }: RunReport) {
  return {
    ...name,
    run: {
      number: run.number,
      checksum: run.checksum,
      startedAt: new Date(run.startedMs).toISOString(),
      endedAt: run.endedMs === null ? null : new Date(run.endedMs).toISOString(),
      endedPhase: run.endedPhase
    },
    analyses: analyses.map(({ analysis, failed, verdict, points }) => ({
      verdict: verdict?.verdict ?? null,
      reason: verdict?.reason ?? null,
      failed,
      objectives: analysis.objectives.map(({ metric, reference }) => ({
        metric,
        versus: reference.kind === 'limit' ? null : reference.kind
      })),
      points: points.map(point => ({
        at: new Date(point.atMs).toISOString(),
        verdict: point.verdict,
        objectives: point.objectives.map(each => ({ ...each }))
      }))
    })),
    hooks: hooks.map(({ atMs, type, status, text }) => ({
      at: new Date(atMs).toISOString(),
      type,
      status,
      text
    })),
    occurrences: Object.fromEntries(occurrences)
  }
}
