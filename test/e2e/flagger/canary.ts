import type { JsonObject } from '../../../common/json.ts'

/** Which of Flagger's providers a rollout uses. */
export type Provider = 'kubernetes' | 'gatewayapi:v1'

/** A rollout of the suite. */
export interface RolloutSpec {
  readonly name: string
  readonly provider: Provider
  /** Objective settings of the hooks that judge it. */
  readonly objectives: Readonly<Record<string, string>>
  /** Default: every type that is of use to its provider. */
  readonly hooks?: readonly string[]
  /** Of its analysis: MetricTemplates that are asked as well. */
  readonly metrics?: readonly JsonObject[]
  /** Iterations of a rollout without weights; 2 by default. */
  readonly iterations?: number
  /** Users stay in their arm by this cookie; only for a rollout with weights. */
  readonly sessionAffinity?: JsonObject
  /** Failed checks until Flagger rolls back; 3 by default. */
  readonly threshold?: number
}

/** The Deployment of a model's server at a version. */
export function deployment(namespace: string, name: string, version: string): JsonObject {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'server', image: image(version) }] }
      }
    }
  }
}

/** The image of a version. */
export function image(version: string): string {
  return `registry.example.com/ml/server:${version}`
}

/** The Canary with every hook that the analysis service answers. */
export function canary(namespace: string, rollout: RolloutSpec, analysisUrl: string): JsonObject {
  const { name, provider, objectives, metrics = [], iterations = 2, threshold = 3 } = rollout
  const { sessionAffinity } = rollout
  const isWeighted = provider === 'gatewayapi:v1'
  const hook = (type: string, metadata?: Readonly<Record<string, string>>) => ({
    name: type,
    type,
    url: `${analysisUrl}/webhook/${type}`,
    ...(metadata && { metadata })
  })
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name, namespace },
    spec: {
      provider,
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      service: {
        port: 80,
        ...(isWeighted && { gatewayRefs: [{ name: 'gateway', namespace }] })
      },
      analysis: {
        interval: '10s',
        threshold,
        ...(isWeighted ? { stepWeight: 20, maxWeight: 40 } : { iterations }),
        ...(sessionAffinity && { sessionAffinity }),
        metrics,
        webhooks: [
          hook('rollout', objectives),
          ...(isWeighted ? [hook('confirm-traffic-increase', objectives)] : []),
          hook('confirm-promotion', objectives),
          hook('rollback'),
          hook('post-rollout'),
          hook('event')
        ].filter(({ type }) => rollout.hooks?.includes(type) ?? true)
      }
    }
  }
}
