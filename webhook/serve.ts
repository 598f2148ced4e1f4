import type { Key } from '../evidence/attestation/key.ts'
import type { Handler } from '../service/http/router.ts'
import { errorFields } from '../service/log.ts'
import type { Logger } from '../service/log.ts'
import { Readiness } from '../service/readiness.ts'
import { admissionMetrics } from './admission-metrics.ts'
import type { AdmissionMetrics } from './admission-metrics.ts'
import { defaultLimitMs, EvaluatorPool } from './cel/evaluator-pool.ts'
import type { Decision } from './decision.ts'
import { evaluateWithCel } from './evaluate.ts'
import type { LiveFolder, PolicySets } from './policy/live-folder.ts'
import { usesCel } from './policy/policy-set.ts'
import { printable } from './printable.ts'
import { reviewHandler } from './review/handler.ts'
import { startServers } from './servers.ts'
import type { Servers, ServersOptions } from './servers.ts'

/** One is stopped by an expression that runs for ever, and another goes on meanwhile. */
const evaluators = 2

/** What a webhook is made of. */
export interface WebhookOptions extends ServersOptions {
  readonly policies: LiveFolder
  readonly policyPollMs: number
  readonly trustedKeys: readonly Key[]
  readonly controllers: readonly string[]
}

/** A webhook that answers. */
export interface RunningWebhook extends Servers {
  readonly readiness: Readiness
}

/**
 * Starts the admission webhook: `/validate`, `/validate/<policy-set>` over HTTPS; metrics on the other
 * address; health on both. A certificate whose files are missing is waited for, not ready.
 *
 * @throws {Fault} for policies and certificates that cannot be used at the start, and as
 *   {@link startServer}
 */
export async function serveWebhook(options: WebhookOptions): Promise<RunningWebhook> {
  const { logger, policies, registry } = options
  const first = policies.look()
  if (first.kind === 'refused') throw first.fault
  const metrics = admissionMetrics(registry)
  let sets: PolicySets = first.kind === 'loaded' ? first.sets : new Map()
  metrics.policiesLoaded(sets)
  const readiness = new Readiness()
  readiness.add('policies', () => (sets.size > 0 ? undefined : 'no policies are loaded'))
  const pool = new EvaluatorPool({
    size: evaluators,
    limitMs: defaultLimitMs,
    ended: reason => {
      metrics.evaluatorEnded()
      logger.warn('an evaluator of expressions was ended', { reason })
    }
  })
  const servers = await startServers(
    options,
    readiness,
    handlerOf(options, metrics, { sets: () => sets, pool })
  )
  warmFor(sets, pool)
  const timer = setInterval(() => {
    sets = nextSets(policies, sets, { metrics, logger })
    warmFor(sets, pool)
  }, options.policyPollMs)
  return {
    ...servers,
    readiness,
    stop: () => {
      clearInterval(timer)
      pool.close()
      servers.stop()
    }
  }
}

/** Processes are started for sets that need them, before the first review does; for others never. */
function warmFor(sets: PolicySets, pool: EvaluatorPool): void {
  if ([...sets.values()].some(usesCel)) pool.warm()
}

function handlerOf(
  { trustedKeys, controllers, now, logger }: WebhookOptions,
  metrics: AdmissionMetrics,
  { sets, pool }: { readonly sets: () => PolicySets; readonly pool: EvaluatorPool }
): Handler {
  return reviewHandler({
    hasPolicySet: name => sets().has(name),
    judge: (subject, name, timeLeftMs) => {
      const set = sets().get(name)
      if (set === undefined) return undefined
      const context = { trustedKeys, controllers, now: now(), namespaceLabels: undefined }
      return evaluateWithCel(subject, set, context, { evaluator: pool, timeLeftMs })
    },
    decided: (decision, isDryRun) => {
      metrics.decided(decision, isDryRun)
      logDecision(logger, decision, isDryRun)
    },
    nowMs: () => performance.now()
  })
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
    kind: printable(object.kind),
    namespace: printable(object.namespace),
    name: printable(object.name),
    policies: [...new Set(violations.map(({ policy }) => policy))].join(' '),
    commit: thread?.commit,
    isDryRun
  })
}
