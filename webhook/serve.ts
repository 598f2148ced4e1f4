import { Registry } from 'prom-client'
import type { Key } from '../evidence/attestation/key.ts'
import { healthRoutes } from '../service/health-routes.ts'
import { admissionBodyLimitBytes } from '../service/http/limits.ts'
import type { ListenAddress } from '../service/http/listen-address.ts'
import { startServer } from '../service/http/server.ts'
import type { RunningServer } from '../service/http/server.ts'
import type { TlsPair } from '../service/http/tls.ts'
import { errorFields } from '../service/log.ts'
import type { Logger } from '../service/log.ts'
import { httpObserver, observeLoad } from '../service/metrics/http-metrics.ts'
import { metricsRoute } from '../service/metrics/metrics-route.ts'
import { Readiness } from '../service/readiness.ts'
import { admissionMetrics } from './admission-metrics.ts'
import type { AdmissionMetrics } from './admission-metrics.ts'
import type { Decision } from './decision.ts'
import { evaluate } from './evaluate.ts'
import type { LiveFolder, PolicySets } from './policy/live-folder.ts'
import { reviewHandler } from './review/handler.ts'

/** What a webhook is made of. */
export interface WebhookOptions {
  readonly listen: ListenAddress
  readonly metricsListen: ListenAddress
  readonly tls: TlsPair
  readonly policies: LiveFolder
  readonly policyPollMs: number
  readonly trustedKeys: readonly Key[]
  readonly controllers: readonly string[]
  readonly logger: Logger
  readonly now: () => Date
}

/** A webhook that answers. */
export interface RunningWebhook {
  readonly server: RunningServer
  readonly metricsServer: RunningServer
  readonly readiness: Readiness
  /** Stops looking for changed policies. */
  stop(): void
}

/**
 * Starts the admission webhook: `/validate`, `/validate/<policy-set>` over HTTPS; metrics on the other
 * address; health on both.
 *
 * @throws {Fault} for policies that cannot be used at the start, and as {@link startServer}
 */
export async function serveWebhook(options: WebhookOptions): Promise<RunningWebhook> {
  const { logger, policies } = options
  const first = policies.look()
  if (first.kind === 'refused') throw first.fault
  const registry = new Registry()
  const metrics = admissionMetrics(registry)
  let sets: PolicySets = first.kind === 'loaded' ? first.sets : new Map()
  metrics.policiesLoaded(sets)
  const reload = () => {
    sets = nextSets(policies, sets, { metrics, logger })
  }
  const timer = setInterval(reload, options.policyPollMs)
  const readiness = new Readiness()
  readiness.add('policies', () => (sets.size > 0 ? undefined : 'no policies are loaded'))
  const observer = httpObserver(registry, logger)
  const handler = reviewHandler({
    hasPolicySet: name => sets.has(name),
    judge: (subject, name) => {
      const set = sets.get(name)
      if (set === undefined) return undefined
      const { trustedKeys, controllers } = options
      const context = { trustedKeys, controllers, now: options.now(), namespaceLabels: undefined }
      return evaluate(subject, set, context)
    },
    decided: (decision, isDryRun) => {
      metrics.decided(decision, isDryRun)
      logDecision(logger, decision, isDryRun)
    },
    nowMs: () => performance.now()
  })
  const health = healthRoutes(readiness)
  const bodyLimitBytes = admissionBodyLimitBytes
  try {
    const server = await startServer({
      listen: options.listen,
      tls: { pair: options.tls },
      observer,
      routes: [
        { method: 'POST', path: '/validate', handler, bodyLimitBytes },
        { method: 'POST', path: '/validate/*', handler, bodyLimitBytes },
        ...health
      ]
    })
    observeLoad(registry, server.load)
    const routes = [metricsRoute(registry), ...health]
    const metricsServer = await startServer({ listen: options.metricsListen, routes, observer })
    return {
      server,
      metricsServer,
      readiness,
      stop: () => {
        clearInterval(timer)
      }
    }
  } catch (error) {
    clearInterval(timer)
    throw error
  }
}

function nextSets(
  policies: LiveFolder,
  last: PolicySets,
  { metrics, logger }: { readonly metrics: AdmissionMetrics; readonly logger: Logger }
): PolicySets {
  const reload = policies.look()
  switch (reload.kind) {
    case 'unchanged':
      return last
    case 'loaded':
      metrics.policiesLoaded(reload.sets)
      logger.info('policies were loaded')
      return reload.sets
    case 'refused':
      metrics.policiesRefused()
      logger.error('the changed policies are refused; the last good ones stay', {
        ...errorFields(reload.fault),
        where: reload.fault.details.where
      })
      return last
  }
}

function logDecision(logger: Logger, decision: Decision, isDryRun: boolean): void {
  if (decision.kind === 'allowed') return
  const { object, violations, thread } = decision
  logger.info('denied', {
    kind: object.kind,
    namespace: object.namespace,
    name: object.name,
    policies: [...new Set(violations.map(({ policy }) => policy))].join(' '),
    commit: thread?.commit,
    isDryRun
  })
}
