import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The projects whose CRDs and manifests are read out of their Go modules. */
export const moduleVersions = {
  argocd: 'github.com/argoproj/argo-cd/v3@v3.6.1',
  argoWorkflows: 'github.com/argoproj/argo-workflows/v3@v3.6.5',
  argoRollouts: 'github.com/argoproj/argo-rollouts@v1.10.2',
  certManager: 'github.com/cert-manager/cert-manager@v1.20.0',
  flagger: 'github.com/fluxcd/flagger@v1.44.0',
  fluxImageAutomation: 'github.com/fluxcd/image-automation-controller@v1.2.3',
  fluxImageReflector: 'github.com/fluxcd/image-reflector-controller@v1.2.3',
  fluxKustomize: 'github.com/fluxcd/kustomize-controller@v1.9.6',
  fluxNotification: 'github.com/fluxcd/notification-controller@v1.9.3',
  fluxSource: 'github.com/fluxcd/source-controller@v1.9.3',
  gatewayApi: 'sigs.k8s.io/gateway-api@v1.5.1',
  jobset: 'sigs.k8s.io/jobset@v0.8.0',
  knative: 'knative.dev/serving@v0.51.0',
  kserve: 'github.com/kserve/kserve@v0.16.0',
  kubeflow: 'github.com/kubeflow/training-operator@v1.9.0',
  kubeflowTrainer: 'github.com/kubeflow/trainer/v2@v2.0.0',
  kuberay: 'github.com/ray-project/kuberay/ray-operator@v1.5.0',
  lws: 'sigs.k8s.io/lws@v0.6.0',
  prometheusOperator: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
  sparkOperator: 'github.com/kubeflow/spark-operator/v2@v2.3.0',
  tekton: 'github.com/tektoncd/pipeline@v1.5.0',
  volcano: 'volcano.sh/volcano@v1.10.0'
} as const

/** A project whose files can be had. */
export type ModuleName = keyof typeof moduleVersions

/** The peer that is not a program: a file with the folder of each module, by path and version. */
export const modulesPeer = 'modules'

/**
 * Where a module was put, by its path and version.
 *
 * @param peers the folder of the peers
 * @returns undefined where it was not, or where Go's cache was cleaned since
 */
export function findModule(peers: string, version: string): string | undefined {
  const file = path.join(peers, modulesPeer)
  if (!existsSync(file)) return undefined
  const folders = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>
  const folder = folders[version]
  return folder !== undefined && existsSync(folder) ? folder : undefined
}
