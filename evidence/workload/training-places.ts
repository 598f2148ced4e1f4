import type { WorkloadPlaces } from './kind.ts'
import { bound, code, local, text } from './opaque-place.ts'

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
      `${spec}.podTemplateOverrides[].spec`,
      `${spec}.podSpecOverrides[]`
    ],
    containers: [`${spec}.trainer`],
    models: [`${spec}.initializer.(model|dataset).storageUri`],
    opaque: [
      local(`${spec}.runtimeRef`, 'names a runtime that provides the containers', {
        apiGroup: 'trainer.kubeflow.org',
        kind: 'ClusterTrainingRuntime'
      })
    ]
  }
}

/** A Ray cluster spec at `spec`. */
export function rayCluster(spec: string) {
  return {
    podSpecs: [`${spec}.(headGroupSpec|workerGroupSpecs[]).template.spec`],
    containers: [`${spec}.(autoscalerOptions|historyServerOptions.collectorOptions)`],
    opaque: [
      bound(`${spec}.(headGroupSpec|workerGroupSpecs[]).rayStartParams`, 'becomes a command')
    ]
  } satisfies WorkloadPlaces
}

/** A Ray job spec at `spec`, with its cluster. */
export function rayJob(spec: string): WorkloadPlaces {
  const { podSpecs, containers, opaque } = rayCluster(`${spec}.rayClusterSpec`)
  return {
    podSpecs: [...podSpecs, `${spec}.submitterPodTemplate.spec`],
    containers,
    opaque: [
      ...opaque,
      code(`${spec}.entrypoint`, 'is a command that can load a model'),
      text(`${spec}.runtimeEnvYAML`, 'holds a runtime environment and code locations'),
      local(`${spec}.clusterSelector`, 'selects a RayCluster that provides the containers')
    ]
  }
}

const collector = 'collector.customCollector'
/** A hyperparameter search of Katib, which creates trials from its template. */
export function katibExperiment(): WorkloadPlaces {
  const template = 'spec.trialTemplate'
  return {
    containers: [`spec.metricsCollectorSpec.${collector}`],
    searched: [`${template}.trialSpec`],
    opaque: [
      local(`${template}.trialSpec`, 'is a job that is judged when Katib creates it'),
      local(`${template}.configMap`, 'names a template of jobs that Katib creates'),
      bound('spec.(algorithm|earlyStopping).algorithmName', 'chooses a container of Katib')
    ]
  }
}

/** One trial of a search. */
export function katibTrial(): WorkloadPlaces {
  return {
    containers: [`spec.metricsCollector.${collector}`],
    searched: ['spec.runSpec'],
    opaque: [local('spec.runSpec', 'is a job that is judged when Katib creates it')]
  }
}

/** A service of Ray: its cluster, and its applications as text. */
export function rayService(): WorkloadPlaces {
  const { opaque, ...places } = rayCluster('spec.rayClusterConfig')
  return {
    ...places,
    opaque: [
      ...opaque,
      text('spec.serveConfigV2', 'holds a runtime environment and code locations')
    ]
  }
}

/** What Kubeflow's webhook puts into the pods that a PodDefault selects. */
export function podDefault(): WorkloadPlaces {
  return {
    containers: ['spec.(sidecars|initContainers)[]'],
    volumes: ['spec.volumes'],
    opaque: [bound('spec.(command|args|selector)', 'decides what the selected pods run')]
  }
}
