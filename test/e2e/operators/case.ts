import type { JsonObject } from '../../../common/json.ts'

/** An object: `GROUP/VERSION KIND`, a name and what else it has. */
export interface Made {
  readonly type: string
  readonly name: string
  readonly spec: JsonObject
  /** A kind without a namespace. */
  readonly isClusterWide?: true
}

/** A child, and the account that makes it: `NAMESPACE:ACCOUNT`; without, Kubernetes itself makes it. */
export interface Child extends Made {
  readonly by?: string
}

/** A signed owner with its signed templates, and what operators make of it, each owned by the one before. */
export interface OperatorCase {
  /** The components that it needs. */
  readonly components: readonly string[]
  readonly owner: Made
  readonly templates?: readonly Made[]
  readonly children: readonly Child[]
}

/** An image of ours. */
export const at = (name: string) => `registry.example.com/ml/${name}:1.0`
/** A pod spec with a container for each image. */
export const podOf = (...images: readonly string[]): JsonObject => ({
  containers: images.map((image, index) => ({ name: `c${index}`, image }))
})
const labels = { app: 'child' }
/** The spec of a Deployment without replicas. */
export const deploymentOf = (...images: readonly string[]) => ({
  replicas: 0,
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: podOf(...images) }
})
/** The spec of a StatefulSet without replicas. */
export const setOf = (image: string) => ({ ...deploymentOf(image), serviceName: 'child' })
/** The spec of a Job that is suspended. */
export const jobOf = (image: string) => ({
  suspend: true,
  template: { spec: { ...podOf(image), restartPolicy: 'Never' } }
})
/** The spec of a JobSet with one Job. */
export const jobSetOf = (image: string) => ({
  replicatedJobs: [{ name: 'node', template: { spec: jobOf(image) } }]
})
