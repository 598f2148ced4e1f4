import path from 'node:path'
import type { JsonObject } from '../../../common/json.ts'
import type { ControlPlane } from './control-plane.ts'
import { eventually } from './eventually.ts'
import { kubectl } from './kubectl.ts'
import { moduleFolder } from './module-files.ts'
import type { ModuleName } from '../peers/modules.ts'

/** The file with a kind's CRD in its project's Go module. */
const definitions = {
  Alert: ['fluxNotification', 'config/crd/bases/notification.toolkit.fluxcd.io_alerts.yaml'],
  AnalysisTemplate: ['argoRollouts', 'manifests/crds/analysis-template-crd.yaml'],
  Application: ['argocd', 'manifests/crds/application-crd.yaml'],
  AppProject: ['argocd', 'manifests/crds/appproject-crd.yaml'],
  ApplicationSet: ['argocd', 'manifests/crds/applicationset-crd.yaml'],
  Certificate: ['certManager', 'deploy/crds/cert-manager.io_certificates.yaml'],
  flagger: ['flagger', 'artifacts/flagger/crd.yaml'],
  ClusterTrainingRuntime: [
    'kubeflowTrainer',
    'manifests/base/crds/trainer.kubeflow.org_clustertrainingruntimes.yaml'
  ],
  Configuration: ['knative', 'config/core/300-resources/configuration.yaml'],
  CronWorkflow: ['argoWorkflows', 'manifests/base/crds/minimal/argoproj.io_cronworkflows.yaml'],
  JobFlow: ['volcano', 'config/crd/jobflow/bases/flow.volcano.sh_jobflows.yaml'],
  JobSet: ['jobset', 'config/components/crd/bases/jobset.x-k8s.io_jobsets.yaml'],
  JobTemplate: ['volcano', 'config/crd/jobflow/bases/flow.volcano.sh_jobtemplates.yaml'],
  KnativeService: ['knative', 'config/core/300-resources/service.yaml'],
  LLMInferenceService: [
    'kserve',
    'config/crd/full/llmisvc/serving.kserve.io_llminferenceservices.yaml'
  ],
  LLMInferenceServiceConfig: [
    'kserve',
    'config/crd/full/llmisvc/serving.kserve.io_llminferenceserviceconfigs.yaml'
  ],
  LeaderWorkerSet: ['lws', 'config/crd/bases/leaderworkerset.x-k8s.io_leaderworkersets.yaml'],
  Pipeline: ['tekton', 'config/300-crds/300-pipeline.yaml'],
  RayCluster: ['kuberay', 'config/crd/bases/ray.io_rayclusters.yaml'],
  Revision: ['knative', 'config/core/300-resources/revision.yaml'],
  ServingRuntime: ['kserve', 'config/crd/full/serving.kserve.io_servingruntimes.yaml'],
  SparkConnect: ['sparkOperator', 'config/crd/bases/sparkoperator.k8s.io_sparkconnects.yaml'],
  SparkApplication: [
    'sparkOperator',
    'config/crd/bases/sparkoperator.k8s.io_sparkapplications.yaml'
  ],
  Task: ['tekton', 'config/300-crds/300-task.yaml'],
  TaskRun: ['tekton', 'config/300-crds/300-taskrun.yaml'],
  TrainJob: ['kubeflowTrainer', 'manifests/base/crds/trainer.kubeflow.org_trainjobs.yaml'],
  VolcanoJob: ['volcano', 'config/crd/volcano/bases/batch.volcano.sh_jobs.yaml'],
  Workflow: ['argoWorkflows', 'manifests/base/crds/minimal/argoproj.io_workflows.yaml'],
  Bucket: ['fluxSource', 'config/crd/bases/source.toolkit.fluxcd.io_buckets.yaml'],
  ExternalArtifact: [
    'fluxSource',
    'config/crd/bases/source.toolkit.fluxcd.io_externalartifacts.yaml'
  ],
  GitRepository: ['fluxSource', 'config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml'],
  HelmChart: ['fluxSource', 'config/crd/bases/source.toolkit.fluxcd.io_helmcharts.yaml'],
  HelmRepository: ['fluxSource', 'config/crd/bases/source.toolkit.fluxcd.io_helmrepositories.yaml'],
  HTTPRoute: ['gatewayApi', 'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml'],
  ImagePolicy: [
    'fluxImageReflector',
    'config/crd/bases/image.toolkit.fluxcd.io_imagepolicies.yaml'
  ],
  ImageRepository: [
    'fluxImageReflector',
    'config/crd/bases/image.toolkit.fluxcd.io_imagerepositories.yaml'
  ],
  ImageUpdateAutomation: [
    'fluxImageAutomation',
    'config/crd/bases/image.toolkit.fluxcd.io_imageupdateautomations.yaml'
  ],
  InferenceService: ['kserve', 'config/crd/full/serving.kserve.io_inferenceservices.yaml'],
  Issuer: ['certManager', 'deploy/crds/cert-manager.io_issuers.yaml'],
  Kustomization: [
    'fluxKustomize',
    'config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml'
  ],
  OCIRepository: ['fluxSource', 'config/crd/bases/source.toolkit.fluxcd.io_ocirepositories.yaml'],
  PipelineRun: ['tekton', 'config/300-crds/300-pipelinerun.yaml'],
  PodMonitor: [
    'prometheusOperator',
    'example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml'
  ],
  PrometheusRule: [
    'prometheusOperator',
    'example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml'
  ],
  Provider: ['fluxNotification', 'config/crd/bases/notification.toolkit.fluxcd.io_providers.yaml'],
  RayJob: ['kuberay', 'config/crd/bases/ray.io_rayjobs.yaml'],
  RayService: ['kuberay', 'config/crd/bases/ray.io_rayservices.yaml'],
  Receiver: ['fluxNotification', 'config/crd/bases/notification.toolkit.fluxcd.io_receivers.yaml'],
  ServiceMonitor: [
    'prometheusOperator',
    'example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml'
  ],
  TFJob: ['kubeflow', 'manifests/base/crds/kubeflow.org_tfjobs.yaml']
} as const satisfies Readonly<Record<string, readonly [ModuleName, string]>>

/** Kinds of other projects that a suite can ask for. */
export type ForeignKind = keyof typeof definitions

const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const own = path.join(import.meta.dirname, '../../../manifests/crds')

/** CRD files that were installed into a control plane. */
const installed = new WeakMap<ControlPlane, Map<string, Promise<void>>>()

/** Installs the CRDs of other projects, as released. */
export async function installForeign(
  plane: ControlPlane,
  kinds: readonly ForeignKind[]
): Promise<void> {
  const files = kinds.map(kind => {
    const [module, file] = definitions[kind]
    return path.join(moduleFolder(module), file)
  })
  await install(plane, files)
}

/** Installs our CRDs, by file name without extension. */
export async function installOwn(plane: ControlPlane, names: readonly string[]): Promise<void> {
  await install(
    plane,
    names.map(name => path.join(own, `${name}.yaml`))
  )
}

/** Applies each file once: applying it again would restore its conversion webhook until the next patch. */
async function install(plane: ControlPlane, files: readonly string[]): Promise<void> {
  const known = installed.get(plane) ?? new Map<string, Promise<void>>()
  installed.set(plane, known)
  const missing = files.filter(file => !known.has(file))
  if (missing.length > 0) {
    const applied = apply(plane, missing)
    for (const file of missing) known.set(file, applied)
    applied.catch(() => {
      for (const file of missing) known.delete(file)
    })
  }
  for (const file of files) await known.get(file)
}

async function apply(plane: ControlPlane, files: readonly string[]): Promise<void> {
  const named = files.flatMap(file => ['-f', file])
  const args = ['apply', '--server-side', '--force-conflicts', '-o', 'name', ...named]
  const { code, stdout, stderr } = await kubectl(plane, args)
  if (code !== 0) throw new Error(stderr)
  const served = stdout
    .trim()
    .split('\n')
    .map(async name => {
      const at = `${definitionsPath}/${name.slice(name.indexOf('/') + 1)}`
      // The project's own webhook, which would convert between versions, does not run here.
      await plane.client.patch(at, { spec: { conversion: { strategy: 'None', webhook: null } } })
      await eventually(async () => isEstablished(await plane.client.read(at)) || undefined, {
        what: `${name} is served`
      })
    })
  await Promise.all(served)
}

function isEstablished(crd: JsonObject): boolean {
  const conditions = ((crd.status as JsonObject | undefined)?.conditions ?? []) as JsonObject[]
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True')
}
