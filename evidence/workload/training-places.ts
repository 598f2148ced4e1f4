import type { WorkloadPlaces } from './kind.ts'
import { local, text } from './opaque-place.ts'

/** The pods of a Kubeflow Trainer runtime, and the patches of a TrainJob to them. */
const jobSetPods = 'template.spec.replicatedJobs[].template.spec.template.spec'

/** A runtime of Kubeflow Trainer, which brings the pods of its jobs. */
export function trainingRuntime(): WorkloadPlaces {
  return { podSpecs: [`spec.${jobSetPods}`] }
}

/** A training job of Kubeflow Trainer at `spec`: what it overrides of its runtime. */
export function trainJob(spec: string): WorkloadPlaces {
  return {
    podSpecs: [
      `${spec}.runtimePatches[].trainingRuntimeSpec.${jobSetPods}`,
      `${spec}.podTemplateOverrides[].spec`
    ],
    containers: [`${spec}.trainer`],
    models: [`${spec}.initializer.(model|dataset).storageUri`],
    // The API server fills in the reference's group and kind: only the name is as it was written.
    opaque: [local(`${spec}.runtimeRef.name`, 'names a runtime that brings the containers')]
  }
}

/** A Ray cluster spec at `spec`. */
export function rayCluster(spec: string): WorkloadPlaces {
  return {
    podSpecs: [`${spec}.(headGroupSpec|workerGroupSpecs[]).template.spec`],
    containers: [`${spec}.(autoscalerOptions|historyServerOptions.collectorOptions)`]
  }
}

/** A Ray job spec at `spec`, with its cluster. */
export function rayJob(spec: string): WorkloadPlaces {
  const { podSpecs = [], containers = [] } = rayCluster(`${spec}.rayClusterSpec`)
  return {
    podSpecs: [...podSpecs, `${spec}.submitterPodTemplate.spec`],
    containers,
    opaque: [
      text(`${spec}.entrypoint`, 'is a command that can load a model'),
      text(`${spec}.runtimeEnvYAML`, 'holds a runtime environment and code locations'),
      local(`${spec}.clusterSelector`, 'selects a RayCluster that brings the containers')
    ]
  }
}
