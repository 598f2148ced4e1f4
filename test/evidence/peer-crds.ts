import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { JsonObject } from '../../common/json.ts'
import { crdSchemas, moduleFolder } from '../manifests/peer-schemas.ts'

/** A version of a project's Go module, and its folder of CustomResourceDefinitions. */
export type CrdFolder = readonly [module: string, folder: string]

/** The CRDs of one version of each project. */
export const peers: readonly CrdFolder[] = [
  ['github.com/kserve/kserve@v0.16.0', 'config/crd/full'],
  ['github.com/kubeflow/training-operator@v1.9.3', 'manifests/base/crds'],
  ['github.com/kubeflow/trainer/v2@v2.0.0', 'manifests/base/crds'],
  ['sigs.k8s.io/jobset@v0.8.0', 'config/components/crd/bases'],
  ['sigs.k8s.io/lws@v0.6.0', 'config/crd/bases'],
  ['github.com/argoproj/argo-rollouts@v1.8.3', 'manifests/crds'],
  ['github.com/argoproj/argo-workflows/v3@v3.6.5', 'manifests/base/crds/full'],
  ['github.com/ray-project/kuberay/ray-operator@v1.4.0', 'config/crd/bases'],
  ['github.com/tektoncd/pipeline@v1.6.0', 'config/300-crds'],
  ['github.com/openkruise/kruise@v1.8.0', 'config/crd/bases'],
  ['github.com/kubeflow/katib@v0.19.0', 'manifests/v1beta1/components/crd'],
  ['knative.dev/serving@v0.51.0', 'config/core/300-resources'],
  ['volcano.sh/volcano@v1.10.0', 'config/crd']
]

/** Other versions, and projects whose kinds the workload table has by their types only. */
export const otherPeers: readonly CrdFolder[] = [
  ['github.com/kserve/kserve@v0.17.0', 'config/crd/full'],
  ['github.com/kubeflow/trainer/v2@v2.2.0', 'manifests/base/crds'],
  ['sigs.k8s.io/jobset@v0.11.0', 'config/components/crd/bases'],
  ['sigs.k8s.io/lws@v0.9.0', 'config/crd/bases'],
  ['github.com/argoproj/argo-rollouts@v1.10.2', 'manifests/crds'],
  ['github.com/argoproj/argo-workflows/v3@v3.7.0', 'manifests/base/crds/full'],
  ['github.com/ray-project/kuberay/ray-operator@v1.5.0', 'config/crd/bases'],
  ['github.com/ray-project/kuberay/ray-operator@v1.6.0', 'config/crd/bases'],
  ['github.com/tektoncd/pipeline@v1.9.0', 'config/300-crds'],
  ['github.com/kubeflow/spark-operator/v2@v2.3.0', 'config/crd/bases'],
  ['github.com/kubeflow/spark-operator/v2@v2.4.0', 'config/crd/bases'],
  ['github.com/kubeflow/mpi-operator@v0.6.0', 'manifests/base']
]

/** The schemas in the folders, each with its `group/version/Kind`, and the modules that could not be had. */
export function crdsOf(folders: readonly CrdFolder[]) {
  const schemas: (readonly [string, JsonObject])[] = []
  const absent: string[] = []
  for (const [module, folder] of folders) {
    const at = moduleFolder(module)
    if (at === undefined || !existsSync(path.join(at, folder))) {
      absent.push(module)
      continue
    }
    for (const name of readdirSync(path.join(at, folder), { recursive: true }).map(String).sort()) {
      const file = path.join(at, folder, name)
      if (!/\.ya?ml$/.test(file) || /kustomiz|patches?\b/.test(file)) continue
      schemas.push(...crdSchemas(file))
    }
  }
  return { schemas, absent }
}

/** The schema of each kind of {@link peers}, by `group/version/Kind`. */
export function peerCrds() {
  const { schemas, absent } = crdsOf(peers)
  return { schemas: new Map(schemas), absent }
}
