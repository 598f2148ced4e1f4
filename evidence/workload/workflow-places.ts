import type { WorkloadPlaces } from './kind.ts'
import { local, object, remote, text } from './opaque-place.ts'

/** Where an Argo workflow spec at `spec` runs things; inline templates nest. */
export function argoWorkflow(spec: string) {
  const template = `${spec}.(templates[]|templateDefaults)((.steps[][]|.dag.tasks[]).inline)*`
  const task = `${template}.(steps[][]|dag.tasks[])`
  return {
    containers: [
      `${template}.(container|script|containerSet.containers[]|initContainers[]|sidecars[])`,
      `${spec}.executorPlugins[].spec.sidecar.container`
    ],
    volumes: [`${spec}.volumes`, `${template}.volumes`],
    opaque: [
      text(`(${spec}|${spec}.artifactGC|${template}).podSpecPatch`, 'patches the pods as text'),
      text(`${template}.resource.manifest`, 'holds a manifest as text'),
      remote(`${template}.resource.manifestFrom`, 'reads a manifest from an artifact'),
      object(`${template}.plugin`, 'is run by an executor plugin'),
      local(`(${task}|${task}.hooks{}|${spec}.hooks{}).templateRef`, 'names a workflow template'),
      local(`${spec}.workflowTemplateRef`, 'names a workflow template')
    ]
  } satisfies WorkloadPlaces
}

/** A scheduled run of Kubeflow Pipelines: an Argo workflow, or text that becomes one. */
export function scheduledWorkflow(): WorkloadPlaces {
  const { opaque, ...places } = argoWorkflow('spec.workflow.spec')
  return {
    ...places,
    opaque: [
      ...opaque,
      { ...text('spec.workflow.spec', 'holds a workflow as text'), onlyText: true },
      remote(
        'spec.pipelineVersionId',
        'names a version that Kubeflow Pipelines compiles at run time'
      )
    ]
  }
}

/** A compiled pipeline (Kubeflow Pipelines api/v2alpha1/pipeline_spec.proto). */
export function pipelineVersion(): WorkloadPlaces {
  const executor = 'spec.pipelineSpec.deploymentSpec.executors{}'
  return {
    containers: [`${executor}.container`],
    opaque: [
      object(`${executor}.importer`, 'imports an artifact that may be a model'),
      object(`${executor}.customJob`, 'is a job of another platform'),
      object('spec.platformSpec', 'configures the pods'),
      remote('spec.pipelineSpecURI', 'names a pipeline by its URI')
    ]
  }
}

/** An analysis of Argo Rollouts, which can run jobs. */
export function analysis(): WorkloadPlaces {
  return {
    podSpecs: ['spec.metrics[].provider.job.spec.template.spec'],
    opaque: [local('spec.templates[].templateName', 'names an analysis that may run jobs')]
  }
}
