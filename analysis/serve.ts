import type { Registry } from 'prom-client'
import { healthRoutes } from '../service/health-routes.ts'
import type { ListenAddress } from '../service/http/listen-address.ts'
import type { Route } from '../service/http/router.ts'
import { startServer } from '../service/http/server.ts'
import type { RunningServer } from '../service/http/server.ts'
import type { Logger } from '../service/log.ts'
import { httpObserver, observeLoad } from '../service/metrics/http-metrics.ts'
import { metricsRoute } from '../service/metrics/metrics-route.ts'
import { Readiness } from '../service/readiness.ts'
import { Analyst } from './analyst.ts'
import { eventsLimitBytes, eventsRoute } from './event/events-route.ts'
import type { RolloutName } from './event/message.ts'
import { hookLimitBytes, hookRoute } from './hook/hook-route.ts'
import type { Objectives } from './objectives/objectives.ts'
import { modelMetrics } from './metrics/model-metrics.ts'
import { workMetrics } from './metrics/work-metrics.ts'
import type { AnalysisObserver } from './observer.ts'
import type { SourceRules } from './source/sources.ts'
import type { Store } from './store/store.ts'
import { rolloutsRoutes } from './view/rollouts-route.ts'
import { queryRoute } from './view/query-route.ts'
import { verdictRoute } from './view/verdict-route.ts'

/** What the analysis service is made of. */
export interface AnalysisServiceOptions {
  readonly listen: ListenAddress
  /** Undefined: `/metrics` is on the main address. */
  readonly metricsListen: ListenAddress | undefined
  readonly store: Store
  readonly objectives: Objectives | undefined
  /** Undefined: every namespace. */
  readonly namespaces: readonly string[] | undefined
  readonly sources: SourceRules
  readonly registry: Registry
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

/** An analysis service that answers. */
export interface RunningAnalysis {
  readonly server: RunningServer
  readonly metricsServer: RunningServer | undefined
  readonly readiness: Readiness
  /** Stops timers and closes the store. */
  stop(): Promise<void>
}

const pruneMs = 60_000
const prunedAtOnce = 50_000
/** A label that comes later finds no prediction. */
const retentionMs = 7 * 86_400_000
const queryLimitBytes = 64 * 1024

/**
 * Starts the analysis service.
 *
 * @throws {Fault} as {@link startServer}
 */
export async function serveAnalysis(options: AnalysisServiceOptions): Promise<RunningAnalysis> {
  const { registry, logger, store, nowMs, objectives } = options
  const work = workMetrics(registry, store)
  const analyst = new Analyst({
    store,
    nowMs,
    declared: rollout => objectives?.find(rollout),
    isNamespaceAllowed: ({ namespace }) => options.namespaces?.includes(namespace) ?? true,
    sources: options.sources,
    judged: (...told) => objectives?.judged(...told),
    observer: work
  })
  const readiness = new Readiness()
  for (const [name, check] of Object.entries(objectives?.checks ?? {})) readiness.add(name, check)
  const health = healthRoutes(readiness)
  const observer = httpObserver(registry, logger)
  const metrics = metricsRoute(registry, () => modelMetrics(analyst, nowMs()))
  const { metricsListen } = options
  const server = await startServer({
    listen: options.listen,
    observer,
    routes: [
      ...analysisRoutes(analyst, work, options),
      ...health,
      ...(metricsListen === undefined ? [metrics] : [])
    ]
  })
  observeLoad(registry, server.load)
  const metricsServer =
    metricsListen === undefined
      ? undefined
      : await startServer({ listen: metricsListen, observer, routes: [metrics, ...health] })
  objectives?.start()
  const timer = setInterval(() => store.prune(nowMs() - retentionMs, prunedAtOnce), pruneMs)
  return {
    server,
    metricsServer,
    readiness,
    stop: async () => {
      clearInterval(timer)
      await objectives?.stop()
      analyst.stop()
      store.close()
    }
  }
}

function analysisRoutes(
  analyst: Analyst,
  work: AnalysisObserver,
  { namespaces, nowMs }: Pick<AnalysisServiceOptions, 'namespaces' | 'nowMs'>
): readonly Route[] {
  const events = eventsRoute({
    ingest: messages => analyst.ingest(messages),
    isNamespaceAllowed: ({ namespace }: RolloutName) => namespaces?.includes(namespace) ?? true,
    refused: reason => {
      work.refused(reason)
    },
    nowMs
  })
  const eventLimits = { bodyLimitBytes: eventsLimitBytes, takesGzip: true }
  const query = queryRoute(asked => analyst.score(asked), nowMs)
  const hook = hookRoute(call => analyst.answer(call))
  return [
    { method: 'POST', path: '/webhook/*', handler: hook, bodyLimitBytes: hookLimitBytes },
    { method: 'POST', path: '/v1/events', handler: events, ...eventLimits },
    { method: 'POST', path: '/v1/events/*', handler: events, ...eventLimits },
    {
      method: 'GET',
      path: '/v1/verdict',
      handler: verdictRoute(rollout => analyst.view(rollout), nowMs)
    },
    ...rolloutsRoutes(analyst, nowMs),
    { method: 'GET', path: '/api/v1/query', handler: query },
    { method: 'POST', path: '/api/v1/query', handler: query, bodyLimitBytes: queryLimitBytes }
  ]
}
