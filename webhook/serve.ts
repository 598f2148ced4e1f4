import type { Handler } from '../service/http/route.ts'
import { errorFields } from '../service/log.ts'
import type { Logger } from '../service/log.ts'
import { Readiness } from '../service/readiness.ts'
import { admissionMetrics } from './admission-metrics.ts'
import type { AdmissionMetrics } from './admission-metrics.ts'
import { defaultLimitMs, EvaluatorPool } from './cel/evaluator-pool.ts'
import type { Decision } from './decision.ts'
import { evaluateWithCel } from './evaluate.ts'
import { observeKeys } from './keys/key-metrics.ts'
import type { TrustedKeys } from './keys/live-keys.ts'
import type { Owners } from './owner/pass-as-child.ts'
import type { Policies, PoliciesObserver, PolicySets } from './policy/policies.ts'
import { usesCel } from './policy/policy-set.ts'
import { printable } from './printable.ts'
import { reviewHandler } from './review/handler.ts'
import { startServers } from './servers.ts'
import type { Servers, ServersOptions } from './servers.ts'

/** While one is killed for an endless expression, the other keeps answering. */
const evaluators = 2

/** What a webhook is built from. */
export interface WebhookOptions extends ServersOptions {
  readonly policies: Policies
  readonly trustedKeys: TrustedKeys
  readonly controllers: readonly string[]
  readonly owners?: Owners | undefined
}

/** A running webhook. */
export interface RunningWebhook extends Omit<Servers, 'stop'> {
  readonly readiness: Readiness
  /** Stops everything but the servers. */
  stop(): Promise<void>
}

/**
 * Starts the admission webhook: `/validate` and `/validate/<policy-set>` over HTTPS, metrics on the
 * other address, health on both. It is not ready until policies and a certificate are loaded; without a
 * certificate, HTTPS does not answer and health answers on the metrics address only.
 *
 * @throws {Fault} when policies or certificates are invalid at the start, and as {@link startServer}
 */
export async function serveWebhook(options: WebhookOptions): Promise<RunningWebhook> {
  const { logger, policies, registry, trustedKeys } = options
  const metrics = admissionMetrics(registry)
  observeKeys(registry, trustedKeys)
  const pool = new EvaluatorPool({
    size: evaluators,
    limitMs: defaultLimitMs,
    ended: reason => {
      metrics.evaluatorEnded()
      logger.warn('evaluator process ended', { reason })
    }
  })
  const readiness = new Readiness()
  for (const [name, check] of Object.entries(policies.checks)) readiness.add(name, check)
  const observer = policiesObserver(metrics, logger, pool)
  try {
    policies.start(observer)
    const servers = await startServers(options, readiness, handlerOf(options, metrics, pool))
    return {
      ...servers,
      readiness,
      stop: async () => {
        pool.close()
        servers.stop()
        trustedKeys.stop()
        await policies.stop()
      }
    }
  } catch (error) {
    pool.close()
    trustedKeys.stop()
    await policies.stop()
    throw error
  }
}

/** Starts the evaluator processes before the first review, if a policy set needs them. */
function warmFor(sets: PolicySets, pool: EvaluatorPool): void {
  if ([...sets.values()].some(usesCel)) pool.warm()
}

function handlerOf(
  { trustedKeys, controllers, owners, now, logger, policies }: WebhookOptions,
  metrics: AdmissionMetrics,
  pool: EvaluatorPool
): Handler {
  return reviewHandler({
    policySets: () => policies.sets(),
    judge: (subject, set, timeLeftMs) => {
      const namespaceLabels = policies.namespaceLabels(subject.identity.namespace)
      const known = { trustedKeys: trustedKeys.keys(), controllers, owners, namespaceLabels }
      const context = { ...known, now: now() }
      return evaluateWithCel(subject, set, context, { evaluator: pool, timeLeftMs })
    },
    record: (decision, isDryRun) => {
      metrics.decided(decision, isDryRun)
      logDecision(logger, decision, isDryRun)
    },
    nowMs: () => performance.now()
  })
}

function policiesObserver(
  metrics: AdmissionMetrics,
  logger: Logger,
  pool: EvaluatorPool
): PoliciesObserver {
  let isFirst = true
  return {
    loaded: (sets, refused) => {
      metrics.policiesLoaded(sets, refused)
      if (!isFirst) logger.info('loaded the policies')
      isFirst = false
      warmFor(sets, pool)
    },
    refused: (fault, consequence) => {
      metrics.policiesRefused()
      logger.error(consequence, { ...errorFields(fault), where: fault.details.where })
    }
  }
}

function logDecision(logger: Logger, decision: Decision, isDryRun: boolean): void {
  if (decision.kind === 'allowed') return
  const { object, violations, provenance } = decision
  logger.info('denied', {
    kind: printable(object.kind),
    namespace: printable(object.namespace),
    name: printable(object.name),
    policies: [...new Set(violations.map(({ policy }) => policy))].join(' '),
    commit: provenance?.commit,
    isDryRun
  })
}
