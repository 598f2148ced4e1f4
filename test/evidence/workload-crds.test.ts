import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import { crdSchemas, moduleFolder } from '../manifests/peer-schemas.ts'

/** Folders of CustomResourceDefinitions in the projects' own Go modules. */
const peers: readonly (readonly [string, string])[] = [
  ['github.com/kserve/kserve@v0.16.0', 'config/crd/full'],
  ['github.com/kubeflow/training-operator@v1.9.3', 'manifests/base/crds'],
  ['github.com/kubeflow/trainer/v2@v2.0.0', 'manifests/base/crds'],
  ['sigs.k8s.io/jobset@v0.8.0', 'config/components/crd/bases'],
  ['sigs.k8s.io/lws@v0.6.0', 'config/crd/bases'],
  ['github.com/argoproj/argo-rollouts@v1.8.3', 'manifests/crds'],
  ['github.com/argoproj/argo-workflows/v3@v3.6.5', 'manifests/base/crds/full'],
  ['github.com/ray-project/kuberay/ray-operator@v1.4.0', 'config/crd/bases'],
  ['github.com/tektoncd/pipeline@v1.6.0', 'config/300-crds'],
  ['github.com/openkruise/kruise@v1.8.0', 'config/crd/bases']
]

/** An object of a schema that has everything once; every image says where it is. */
function maximal(schema: JsonValue | undefined, field: string, depth = 0): JsonValue {
  if (!isJsonObject(schema) || depth > 40) return 'x'
  const { properties, items, additionalProperties, type } = schema
  if (isJsonObject(properties)) {
    const entries = Object.entries(properties).map(([name, inner]) => {
      const at = field === '' ? name : `${field}.${name}`
      const isImage = name === 'image' && member(inner, 'type') === 'string'
      return [name, isImage ? `image:${at}` : maximal(inner, at, depth + 1)]
    })
    return Object.fromEntries(entries) as JsonObject
  }
  if (items !== undefined) return [maximal(items, `${field}[0]`, depth + 1)]
  if (isJsonObject(additionalProperties))
    return { k: maximal(additionalProperties, `${field}[k]`, depth + 1) }
  return type === 'object' ? {} : type === 'integer' ? 1 : type === 'boolean' ? true : 'x'
}

function imagesIn(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return value.startsWith('image:') ? [value.slice(6)] : []
  if (isJsonArray(value)) return value.flatMap(imagesIn)
  return isJsonObject(value) ? Object.values(value).flatMap(imagesIn) : []
}

/** What runs nothing: a status, and the name of a block device of Ceph. */
const passedOver: readonly RegExp[] = [/^status\b/, /\.rbd\.image$/]

t.test('no image of a maximal object of a real CRD is missed', t => {
  const seen = new Set<string>()
  for (const [module, folder] of peers) {
    const at = moduleFolder(module)
    if (at === undefined || !existsSync(path.join(at, folder))) {
      t.comment(`SKIPPED: ${module} is not available (no Go, or no network)`)
      continue
    }
    for (const name of readdirSync(path.join(at, folder), { recursive: true })) {
      const file = path.join(at, folder, String(name))
      if (!/\.ya?ml$/.test(file) || /kustomiz|patches?\b/.test(file)) continue
      for (const [kind, schema] of crdSchemas(file)) {
        const apiVersion = kind.slice(0, kind.lastIndexOf('/'))
        const made = maximal(schema, '') as JsonObject
        const object = { ...made, apiVersion, kind: kind.slice(kind.lastIndexOf('/') + 1) }
        const images = imagesIn(object).filter(field => !passedOver.some(each => each.test(field)))
        const workload = inspectWorkload(object)
        if (images.length === 0) continue
        if (workload === undefined) {
          seen.add(`${kind} is not in the table`)
          continue
        }
        const found = new Set(workload.images.map(({ field }) => field))
        const opaque = workload.opaque.map(({ field }) => field)
        const missed = images.filter(
          field => !found.has(field) && !opaque.some(prefix => field.startsWith(prefix))
        )
        t.same(missed, [], kind)
      }
    }
  }
  // Written by the controller of Argo Workflows for its agent, which runs requests of it and no container.
  seen.delete('argoproj.io/v1alpha1/WorkflowTaskSet is not in the table')
  t.same([...seen].sort(), [], 'kinds with images')
  t.end()
})
