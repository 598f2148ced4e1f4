import type { Guard } from '../service/auth/guard.ts'
import type { Route } from '../service/http/route.ts'
import type { Analyst } from './analyst.ts'
import { eventsLimitBytes, eventsRoute } from './event/events-route.ts'
import type { RolloutName } from './event/message.ts'
import type { RolloutOf } from './event/rollout-of.ts'
import { hookLimitBytes, hookRoute } from './hook/hook-route.ts'
import type { AnalysisObserver } from './observer.ts'
import { postVerdictRoute } from './view/post-verdict-route.ts'
import { queryRoute } from './view/query-route.ts'
import { rolloutsRoutes } from './view/rollouts-route.ts'
import { verdictRoute } from './view/verdict-route.ts'

/** Which routes require credentials; undefined: none. */
export interface Guards {
  /** Hooks and `POST /v1/verdict`. */
  readonly hooks: Guard | undefined
  readonly events: Guard | undefined
  /** Pages, verdicts, queries, and metrics on the main address. */
  readonly views: Guard | undefined
}

/** No route requires credentials. */
export const noGuards: Guards = { hooks: undefined, events: undefined, views: undefined }

/** What the routes of the analysis use. */
export interface AnalysisRoutesOptions {
  readonly analyst: Analyst
  readonly observer: AnalysisObserver
  /** Undefined: every namespace. */
  readonly namespaces: readonly string[] | undefined
  readonly guards: Guards
  readonly rolloutOf: RolloutOf
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

const queryLimitBytes = 64 * 1024

/** Returns every route of the analysis except health and metrics. */
export function analysisRoutes(options: AnalysisRoutesOptions): readonly Route[] {
  const { hooks, events, views } = options.guards
  return [
    ...guarded(hooks, hookRoutes(options)),
    ...guarded(events, eventRoutes(options)),
    ...guarded(views, viewRoutes(options))
  ]
}

/** Puts routes behind a guard, if there is one. */
export function guarded(guard: Guard | undefined, routes: readonly Route[]): readonly Route[] {
  return guard === undefined ? routes : guard.routes(routes)
}

function hookRoutes({ analyst, nowMs }: AnalysisRoutesOptions): readonly Route[] {
  const limits = { bodyLimitBytes: hookLimitBytes }
  return [
    {
      method: 'POST',
      path: '/webhook/:type',
      handler: hookRoute(call => analyst.answer(call)),
      ...limits
    },
    { method: 'POST', path: '/v1/verdict', handler: postVerdictRoute(analyst, nowMs), ...limits }
  ]
}

function eventRoutes(options: AnalysisRoutesOptions): readonly Route[] {
  const { analyst, observer, namespaces, rolloutOf, nowMs } = options
  const handler = eventsRoute({
    ingest: messages => analyst.ingest(messages),
    isNamespaceAllowed: ({ namespace }: RolloutName) => namespaces?.includes(namespace) ?? true,
    hasRoomFor: rollout => analyst.hasRoomFor(rollout),
    isEarly: (message, source) => analyst.isEarly(message, source),
    rolloutOf,
    refused: reason => {
      observer.refused(reason)
    },
    storeUnusable: fault => {
      observer.storeUnusable(fault)
    },
    nowMs
  })
  const limits = { bodyLimitBytes: eventsLimitBytes, takesGzip: true }
  return [
    { method: 'POST', path: '/v1/events', handler, ...limits },
    { method: 'POST', path: '/v1/events/:variant', handler, ...limits }
  ]
}

function viewRoutes({ analyst, nowMs }: AnalysisRoutesOptions): readonly Route[] {
  const verdict = verdictRoute(rollout => analyst.view(rollout), nowMs)
  const query = queryRoute(asked => analyst.score(asked), nowMs)
  return [
    { method: 'GET', path: '/v1/verdict', handler: verdict },
    ...rolloutsRoutes(analyst, nowMs),
    { method: 'GET', path: '/api/v1/query', handler: query },
    { method: 'POST', path: '/api/v1/query', handler: query, bodyLimitBytes: queryLimitBytes }
  ]
}
