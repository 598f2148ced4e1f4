import path from 'node:path'
import type { JsonObject } from '../../../common/json.ts'
import type { ControlPlane } from './control-plane.ts'
import { eventually } from './eventually.ts'
import { kubectl } from './kubectl.ts'
import { moduleFolder } from './module-files.ts'
import type { ModuleName } from './module-files.ts'

/** Where a project keeps a kind's definition. */
const definitions = {
  AnalysisTemplate: ['argoRollouts', 'manifests/crds/analysis-template-crd.yaml'],
  Application: ['argocd', 'manifests/crds/application-crd.yaml'],
  AppProject: ['argocd', 'manifests/crds/appproject-crd.yaml'],
  ApplicationSet: ['argocd', 'manifests/crds/applicationset-crd.yaml'],
  Certificate: ['certManager', 'deploy/crds/cert-manager.io_certificates.yaml'],
  flagger: ['flagger', 'artifacts/flagger/crd.yaml'],
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
  PrometheusRule: [
    'prometheusOperator',
    'example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml'
  ],
  RayJob: ['kuberay', 'config/crd/bases/ray.io_rayjobs.yaml'],
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

/** Installs the definitions of other projects' kinds, as they ship them. */
export async function installForeign(
  plane: ControlPlane,
  kinds: readonly ForeignKind[]
): Promise<void> {
  for (const kind of kinds) {
    const [module, file] = definitions[kind]
    await install(plane, path.join(await moduleFolder(module), file))
  }
}

/** Installs definitions of ours, by their files' names. */
export async function installOwn(plane: ControlPlane, names: readonly string[]): Promise<void> {
  for (const name of names) await install(plane, path.join(own, `${name}.yaml`))
}

async function install(plane: ControlPlane, file: string): Promise<void> {
  const args = ['apply', '--server-side', '--force-conflicts', '-o', 'name', '-f', file]
  const { code, stdout, stderr } = await kubectl(plane, args)
  if (code !== 0) throw new Error(`${path.basename(file)}: ${stderr}`)
  for (const name of stdout.trim().split('\n')) {
    const at = `${definitionsPath}/${name.slice(name.indexOf('/') + 1)}`
    // The project's own webhook, which would convert between versions, does not run here.
    await plane.client.patch(at, { spec: { conversion: { strategy: 'None', webhook: null } } })
    await eventually(async () => isEstablished(await plane.client.read(at)) || undefined, {
      what: `${name} is served`
    })
  }
}

function isEstablished(crd: JsonObject): boolean {
  const conditions = ((crd.status as JsonObject | undefined)?.conditions ?? []) as JsonObject[]
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True')
}
