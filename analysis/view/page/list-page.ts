import type { Answer } from '../../../service/http/answer.ts'
import type { UnknownRollout } from '../../event/unknown-rollouts.ts'
import type { RolloutSummary } from '../summary.ts'
import { elapsed } from './figures.ts'
import { pageAnswer } from './layout.ts'
import type { Page } from './layout.ts'

/** What list-page.hbs shows. */
interface ListPage extends Page {
  readonly rows: readonly ListRow[]
  /** All rollouts, including those that are not shown. */
  readonly all: number
  /** Rollouts that only events name. */
  readonly unknown: readonly UnknownRow[]
}

interface UnknownRow extends Pick<UnknownRollout, 'namespace' | 'name' | 'events'> {
  readonly sinceLastEvent: string
}

interface ListRow extends Pick<
  RolloutSummary,
  'namespace' | 'name' | 'page' | 'model' | 'commit' | 'verdict' | 'reason' | 'sourceDown'
> {
  /** How the run ended; null while it is running. */
  readonly ended: string | null
  readonly sinceLastHook: string
}

const maxRows = 500
const refreshSeconds = 15

/** Answers with the page of all rollouts, latest hook first, and of those that only events name. */
export function listPage(
  summaries: readonly RolloutSummary[],
  unknown: readonly UnknownRollout[],
  nowMs: number
): Answer {
  const rows = summaries.slice(0, maxRows).map(({ run, ...summary }) => ({
    ...summary,
    ended: run.ended,
    sinceLastHook: elapsed(Math.max(0, nowMs - Date.parse(run.lastHookAt)))
  }))
  const page: ListPage = {
    title: 'Rollouts',
    refreshSeconds,
    rows,
    all: summaries.length,
    unknown: unknown.map(({ namespace, name, events, lastMs }) => ({
      ...{ namespace, name, events },
      sinceLastEvent: elapsed(Math.max(0, nowMs - lastMs))
    }))
  }
  return pageAnswer(200, 'list-page', page)
}
