import type { StatusPlaces, WorkloadPlaces } from './kind.ts'
import { bound, local, object, remote, text } from './opaque-place.ts'

const nested = '((.steps[][]|.dag.tasks[]).inline)*'

/** Where an Argo workflow spec at `spec` runs things; inline templates nest. */
export function argoWorkflow(spec: string) {
  const template = `${spec}.(templates[]|templateDefaults)${nested}`
  const task = `${template}.(steps[][]|dag.tasks[])`
  const { containers, volumes, artifacts, opaque } = argoTemplate(template)
  return {
    containers: [...containers, `${spec}.executorPlugins[].spec.sidecar.container`],
    volumes: [`${spec}.volumes`, ...volumes],
    artifacts: [
      `${spec}.arguments.artifacts[]`,
      `${spec}.hooks{}.arguments.artifacts[]`,
      ...artifacts
    ],
    opaque: [
      text(`(${spec}|${spec}.artifactGC|${template}).podSpecPatch`, 'patches the pods as text'),
      ...opaque,
      local(`(${task}|${task}.hooks{}|${spec}.hooks{}).templateRef`, 'names a workflow template'),
      local(`${spec}.workflowTemplateRef`, 'names a workflow template'),
      local(`${spec}.artifactRepositoryRef`, 'names where artifacts without a location are')
    ]
  } satisfies WorkloadPlaces
}

/** Where a template of Argo Workflows runs things, but for its patch and its references. */
function argoTemplate(template: string) {
  const task = `${template}.(steps[][]|dag.tasks[])`
  return {
    containers: [
      `${template}.(container|script|containerSet.containers[]|initContainers[]|sidecars[])`
    ],
    volumes: [`${template}.volumes`],
    artifacts: [
      `${template}.inputs.artifacts[]`,
      `${task}.arguments.artifacts[]`,
      `${task}.hooks{}.arguments.artifacts[]`,
      `${template}.data.source.artifactPaths`
    ],
    opaque: [
      text(`${template}.resource.manifest`, 'holds a manifest as text'),
      remote(`${template}.resource.manifestFrom`, 'reads a manifest from an artifact'),
      bound(`${template}.resource.(action|flags|mergeStrategy)`, 'decides what kubectl does'),
      object(`${template}.plugin`, 'is run by an executor plugin')
    ]
  } satisfies WorkloadPlaces
}

/**
 * A workflow that runs. Its controller runs the spec that its status has stored, and the templates there,
 * rather than to read them again (workflow/controller/operator.go, setStoredWfSpec), and adds volumes.
 */
export function runningWorkflow(): WorkloadPlaces & { readonly status: StatusPlaces } {
  const stored = argoWorkflow('status.storedWorkflowTemplateSpec')
  const template = `status.storedTemplates{}${nested}`
  const task = `${template}.(steps[][]|dag.tasks[])`
  const templates = argoTemplate(template)
  return {
    ...argoWorkflow('spec'),
    status: {
      resource: 'workflows',
      members: ['storedWorkflowTemplateSpec', 'storedTemplates', 'persistentVolumeClaims'],
      places: {
        containers: [...stored.containers, ...templates.containers],
        volumes: [...stored.volumes, ...templates.volumes, 'status.persistentVolumeClaims'],
        artifacts: [...stored.artifacts, ...templates.artifacts],
        opaque: [
          ...stored.opaque,
          text(`${template}.podSpecPatch`, 'patches the pods as text'),
          ...templates.opaque,
          local(`(${task}|${task}.hooks{}).templateRef`, 'names a workflow template')
        ]
      }
    }
  }
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
