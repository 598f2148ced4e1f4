import type { Place } from './place.ts'
import { pathOf } from './place.ts'

/**
 * Fields that the scale sub-resource of a kind writes, by `GROUP/KIND`. Sources: the registries of
 * Kubernetes, and `specReplicasPath` in each project's CRDs.
 */
const scaled: ReadonlyMap<string, string> = new Map([
  ['/ReplicationController', 'spec.replicas'],
  ['apps/Deployment', 'spec.replicas'],
  ['apps/ReplicaSet', 'spec.replicas'],
  ['apps/StatefulSet', 'spec.replicas'],
  ['apps.kruise.io/CloneSet', 'spec.replicas'],
  ['apps.kruise.io/StatefulSet', 'spec.replicas'],
  ['apps.kruise.io/UnitedDeployment', 'spec.replicas'],
  ['argoproj.io/Rollout', 'spec.replicas'],
  ['kubeflow.org/JAXJob', 'spec.jaxReplicaSpecs.Worker.replicas'],
  ['kubeflow.org/PaddleJob', 'spec.paddleReplicaSpecs.Worker.replicas'],
  ['kubeflow.org/PyTorchJob', 'spec.pytorchReplicaSpecs.Worker.replicas'],
  ['leaderworkerset.x-k8s.io/LeaderWorkerSet', 'spec.replicas'],
  ['machinelearning.seldon.io/SeldonDeployment', 'spec.replicas'],
  ['mlops.seldon.io/Model', 'spec.replicas']
])

/** Whether a place is what the scale sub-resource of the object's kind writes. */
export function isScale(
  place: Place,
  { group, kind }: { readonly group: string; readonly kind: string }
): boolean {
  if (place.key !== 'replicas') return false
  return scaled.get(`${group}/${kind}`) === pathOf(place).join('.')
}
