import type { WorkloadPlaces } from './kind.ts'
import { local, remote, text } from './opaque-place.ts'

/** The pods of a Kubeflow Trainer runtime, and the patches of a TrainJob to them. */
const jobSetPods = 'template.spec.replicatedJobs[].template.spec.template.spec'

/** A runtime of Kubeflow Trainer, which defines the pods of its jobs. */
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
    // The API server defaults the reference's group and kind; only the name is unchanged.
    opaque: [local(`${spec}.runtimeRef.name`, 'names a runtime that provides the containers')]
  }
}

/** A Ray cluster spec at `spec`. */
export function rayCluster(spec: string) {
  return {
    podSpecs: [`${spec}.(headGroupSpec|workerGroupSpecs[]).template.spec`],
    containers: [`${spec}.(autoscalerOptions|historyServerOptions.collectorOptions)`]
  } satisfies WorkloadPlaces
}

/** A Ray job spec at `spec`, with its cluster. */
export function rayJob(spec: string): WorkloadPlaces {
  const { podSpecs, containers } = rayCluster(`${spec}.rayClusterSpec`)
  return {
    podSpecs: [...podSpecs, `${spec}.submitterPodTemplate.spec`],
    containers,
    opaque: [
      text(`${spec}.entrypoint`, 'is a command that can load a model'),
      text(`${spec}.runtimeEnvYAML`, 'holds a runtime environment and code locations'),
      local(`${spec}.clusterSelector`, 'selects a RayCluster that provides the containers')
    ]
  }
}

const collector = 'collector.customCollector'
/** Objects that Katib creates are judged at creation; images of common jobs are read earlier. */
const jobTemplates =
  '(template|(tfReplicaSpecs|pytorchReplicaSpecs|mpiReplicaSpecs|xgbReplicaSpecs|mxReplicaSpecs){}.template).spec'

/** A hyperparameter search of Katib, which creates trials from its template. */
export function katibExperiment(): WorkloadPlaces {
  const template = 'spec.trialTemplate'
  return {
    podSpecs: [`${template}.trialSpec.spec.${jobTemplates}`],
    containers: [`spec.metricsCollectorSpec.${collector}`],
    opaque: [
      local(`${template}.trialSpec`, 'is a job that is judged when Katib creates it'),
      local(`${template}.configMap`, 'names a template of jobs that Katib creates')
    ]
  }
}

/** One trial of a search. */
export function katibTrial(): WorkloadPlaces {
  return {
    podSpecs: [`spec.runSpec.spec.${jobTemplates}`],
    containers: [`spec.metricsCollector.${collector}`],
    opaque: [local('spec.runSpec', 'is a job that is judged when Katib creates it')]
  }
}

/** An application of the Spark operator at `spec`. */
export function sparkApplication(spec: string): WorkloadPlaces {
  const role = `${spec}.(driver|executor)`
  return {
    podSpecs: [`${role}.template.spec`],
    containers: [`${role}.(initContainers|sidecars)[]`],
    volumes: [`${spec}.volumes`],
    images: [`${spec}.image`, `${role}.image`],
    opaque: [
      remote(`${spec}.mainApplicationFile`, 'is code that is fetched at run time'),
      remote(`${spec}.deps`, 'names packages and files that are fetched at run time')
    ]
  }
}
