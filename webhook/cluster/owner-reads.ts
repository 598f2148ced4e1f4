import { Counter } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Logger } from '../../service/log.ts'
import type { OwnerKind } from '../owner/owner-kind.ts'

/** Each child of an operator that violates a policy asks again. */
const quietMs = 60_000

/**
 * Counts `mlgitops_owner_reads_forbidden_total{component,resource}`, and says it in the log once a minute
 * for each kind: RBAC does not let the webhook read owners or templates, so children are refused.
 */
export function ownerReads(
  registry: Registry,
  logger: Logger,
  nowMs: () => number
): (kind: OwnerKind, component: string) => void {
  const forbidden = new Counter({
    name: 'mlgitops_owner_reads_forbidden_total',
    help: 'Owners and templates that RBAC did not let the webhook read, by the component that would.',
    labelNames: ['component', 'resource'],
    registers: [registry]
  })
  const toldAtMs = new Map<string, number>()
  return ({ group, plural }, component) => {
    const resource = group === '' ? plural : `${plural}.${group}`
    forbidden.inc({ component, resource })
    const last = toldAtMs.get(resource)
    if (last !== undefined && nowMs() - last < quietMs) return
    toldAtMs.set(resource, nowMs())
    logger.warn('RBAC does not let the webhook read owners', {
      resource,
      remedy: `add manifests/components/${component}`
    })
  }
}
