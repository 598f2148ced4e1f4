import type { Registry } from 'prom-client'
import { healthRoutes } from '../service/health-routes.ts'
import type { ListenAddress } from '../service/http/listen-address.ts'
import { startServer } from '../service/http/server.ts'
import type { RunningServer } from '../service/http/server.ts'
import { errorFields } from '../service/log.ts'
import type { Logger } from '../service/log.ts'
import { systemClock } from '../service/kubernetes/clock.ts'
import { httpObserver, observeLoad } from '../service/metrics/http-metrics.ts'
import { metricsRoute } from '../service/metrics/metrics-route.ts'
import { Readiness } from '../service/readiness.ts'
import { Analyst } from './analyst.ts'
import { noWords } from './canary/canary-words.ts'
import type { RolloutOf } from './event/rollout-of.ts'
import type { Objectives } from './objectives/objectives.ts'
import { modelMetrics } from './metrics/model-metrics.ts'
import { workMetrics } from './metrics/work-metrics.ts'
import type { AnalysisObserver } from './observer.ts'
import { analysisRoutes, guarded } from './routes.ts'
import type { Guards } from './routes.ts'
import type { SourceRules } from './source/source-rules.ts'
import { keepRetention } from './store/retention.ts'
import type { Store } from './store/store.ts'

/** What the analysis service runs with. */
export interface AnalysisServiceOptions {
  readonly listen: ListenAddress
  /** Undefined: `/metrics` is on the main address. */
  readonly metricsListen: ListenAddress | undefined
  readonly store: Store
  readonly objectives: Objectives | undefined
  /** Undefined: every namespace. */
  readonly namespaces: readonly string[] | undefined
  readonly sources: SourceRules
  readonly guards: Guards
  readonly rolloutOf: RolloutOf
  /** How long predictions are kept for their labels. */
  readonly retentionMs: number
  readonly registry: Registry
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

/** A running analysis service. */
export interface RunningAnalysis {
  readonly server: RunningServer
  readonly metricsServer: RunningServer | undefined
  readonly readiness: Readiness
  /** Stops timers and closes the store. */
  stop(): Promise<void>
}

const guardsPollMs = 2_000

/**
 * Starts the analysis service.
 *
 * @throws {Fault} as {@link startServer}
 */
export async function serveAnalysis(options: AnalysisServiceOptions): Promise<RunningAnalysis> {
  const { registry, logger, store, nowMs, objectives } = options
  const work = observerOf(options)
  const analyst = new Analyst({
    store,
    nowMs,
    declared: rollout => objectives?.find(rollout),
    words: rollout => objectives?.words(rollout) ?? noWords,
    block: rollout => objectives?.block(rollout),
    isByMatch: rollout => objectives?.isByMatch(rollout) ?? false,
    isNamespaceAllowed: ({ namespace }) => options.namespaces?.includes(namespace) ?? true,
    sources: options.sources,
    judged: (...verdict) => objectives?.judged(...verdict),
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
      ...analysisRoutes({ ...options, analyst, observer: work }),
      ...health,
      ...(metricsListen === undefined ? guarded(options.guards.views, [metrics]) : [])
    ]
  })
  observeLoad(registry, server.load)
  const metricsServer =
    metricsListen === undefined
      ? undefined
      : await startServer({ listen: metricsListen, observer, routes: [metrics, ...health] })
  objectives?.start()
  const { guards, retentionMs } = options
  const clock = systemClock
  const endRetention = keepRetention({ store, analyst, retentionMs, logger, clock, nowMs })
  const guardsTimer = setInterval(() => {
    for (const guard of [guards.hooks, guards.events, guards.views]) guard?.reload(logger)
  }, guardsPollMs)
  return {
    server,
    metricsServer,
    readiness,
    stop: async () => {
      clearInterval(guardsTimer)
      endRetention()
      await objectives?.stop()
      analyst.stop()
      store.close()
    }
  }
}

function observerOf({ registry, store, logger }: AnalysisServiceOptions): AnalysisObserver {
  return {
    ...workMetrics(registry, store),
    storeUnusable: fault => {
      logger.error('cannot use the state file', errorFields(fault))
    }
  }
}
