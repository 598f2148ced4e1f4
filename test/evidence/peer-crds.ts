import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { JsonObject } from '../../common/json.ts'
import { crdSchemas, moduleFolder } from '../manifests/peer-schemas.ts'

/** Folders of CustomResourceDefinitions in the projects' own Go modules. */
export const peers: readonly (readonly [string, string])[] = [
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

/** The schema of each kind, by `group/version/Kind`, and the modules that could not be had. */
export function peerCrds() {
  const schemas = new Map<string, JsonObject>()
  const absent: string[] = []
  for (const [module, folder] of peers) {
    const at = moduleFolder(module)
    if (at === undefined || !existsSync(path.join(at, folder))) {
      absent.push(module)
      continue
    }
    for (const name of readdirSync(path.join(at, folder), { recursive: true })) {
      const file = path.join(at, folder, String(name))
      if (!/\.ya?ml$/.test(file) || /kustomiz|patches?\b/.test(file)) continue
      for (const [kind, schema] of crdSchemas(file)) schemas.set(kind, schema)
    }
  }
  return { schemas, absent }
}
