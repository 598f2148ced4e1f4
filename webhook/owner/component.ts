import type { OwnerKind } from './owner-kind.ts'

const byGroup: Readonly<Record<string, string>> = {
  'tekton.dev': 'operators/tekton',
  'argoproj.io': 'operators/argo-workflows',
  'serving.kserve.io': 'operators/kserve',
  'serving.knative.dev': 'operators/knative',
  'trainer.kubeflow.org': 'operators/kubeflow-trainer',
  'jobset.x-k8s.io': 'operators/jobset',
  'leaderworkerset.x-k8s.io': 'operators/lws',
  'disaggregatedset.x-k8s.io': 'operators/lws',
  'ray.io': 'operators/kuberay',
  'sparkoperator.k8s.io': 'operators/spark',
  'batch.volcano.sh': 'operators/volcano',
  'flow.volcano.sh': 'operators/volcano',
  'machinelearning.seldon.io': 'operators/seldon',
  'mlops.seldon.io': 'operators/seldon'
}

/** The folder in manifests/components that lets the webhook read a kind of owner or template. */
export function componentOf({ group, plural }: Pick<OwnerKind, 'group' | 'plural'>): string {
  // Pods own the executors of Spark and the workers of a LeaderWorkerSet.
  if (group === '' && plural === 'pods') return 'operators/lws'
  return byGroup[group] ?? 'pods-by-owner'
}
