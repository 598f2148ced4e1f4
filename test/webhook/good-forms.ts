import { isJsonArray, isJsonObject } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { artifactLocations } from '../../evidence/workload/artifact-uri.ts'
import type { OpaquePlace, WorkloadKind } from '../../evidence/workload/kind.ts'
import { compilePath } from '../../evidence/workload/path.ts'
import type { Path } from '../../evidence/workload/path.ts'
import { image, job, modelCommit } from './attested.ts'

const modelPath = `churn/${modelCommit}`
const model = `s3://models-bucket/${modelPath}`
const quantities = { cpu: '1', memory: '1Gi' }
const resources = { requests: quantities, limits: quantities }
/** By the names of Kubernetes, of Tekton, of Kubeflow Trainer, and of Kubeflow Pipelines. */
const container = {
  name: 'main',
  image,
  resources: { ...resources, resourceCpuRequest: '1', memoryRequest: 1, memoryLimit: 1 },
  computeResources: resources,
  resourcesPerNode: resources
}
const podSpec = { containers: [container], initContainers: [container] }

/**
 * An object of a kind of the table that has everything that its row names, and meets every ready-made
 * policy once it is signed. What is fetched at run time and free-form objects of other programs are left out:
 * no policy accepts them.
 */
export function goodForm(row: WorkloadKind): JsonObject {
  const { podSpecs = [], containers = [], volumes = [], images = [] } = row
  const { models = [], artifacts = [], searched = [], opaque = [] } = row
  const placed: readonly (readonly [string, JsonValue])[] = [
    ...podSpecs.map(path => [path, podSpec] as const),
    ...containers.map(path => [path, container] as const),
    ...volumes.map(path => [path, [{ name: 'v', image: { reference: image } }]] as const),
    ...images.map(path => [path, image] as const),
    ...models.map(path => [path, model] as const),
    ...artifacts.map(path => [`${path}.${artifactLocations}`, null] as const),
    ...searched.map(path => [path, { spec: podSpec }] as const),
    ...opaque.flatMap(place => {
      const value = opaqueValue(place)
      return value === undefined ? [] : [[place.path, value] as const]
    })
  ]
  const built = placed.reduce<JsonValue>(
    (object, [path, leaf]) => merged(object, build(compilePath(path), leaf)),
    {}
  )
  return {
    ...(built as JsonObject),
    apiVersion: row.group === '' ? 'v1' : `${row.group}/v1`,
    kind: row.kind,
    metadata: { ...job.metadata, ...(row.scope === 'cluster' ? { namespace: '' } : {}) }
  }
}

function opaqueValue({ kind, inImage }: OpaquePlace): JsonValue | undefined {
  if (inImage !== undefined) return `${inImage}/opt/train.py`
  switch (kind) {
    case 'local':
      return { name: 'x' }
    case 'text':
      return JSON.stringify({ image, modelUri: model })
    case 'code':
      return 'python train.py'
    case 'bound':
      return 'x'
    default:
      return undefined
  }
}

const locations: Readonly<Record<string, JsonValue>> = {
  s3: { bucket: 'models-bucket', key: modelPath },
  git: { repo: 'https://git.example.com/x' },
  raw: { data: 'x' }
}

/** A value in which `path` leads to `leaf`, by each of its ways once. */
function build(path: Path, leaf: JsonValue, passed: ReadonlySet<Path> = new Set()): JsonValue {
  switch (path.step) {
    case 'end':
      return leaf
    case 'items':
      return [build(path.next, leaf, passed)]
    case 'values':
      return { k: build(path.next, leaf, passed) }
    case 'entries':
      return Object.fromEntries([...path.keys].map(key => [key, build(path.next, leaf, passed)]))
    case 'member': {
      const value = leaf ?? locations[path.name] ?? null
      return { [path.name]: build(path.next, path.next.step === 'end' ? value : leaf, passed) }
    }
    case 'fork': {
      const ways = passed.has(path) ? path.ways.slice(0, 1) : path.ways
      const within = new Set([...passed, path])
      return ways.map(way => build(way, leaf, within)).reduce(merged)
    }
  }
}

/** Both values in one. An object or a list is more than a text. */
function merged(one: JsonValue, other: JsonValue): JsonValue {
  if (isJsonArray(one) && isJsonArray(other)) {
    const [first = null] = one
    return [merged(first, other[0] ?? null)]
  }
  if (isJsonObject(one) && isJsonObject(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])]
    return Object.fromEntries(keys.map(key => [key, merged(one[key] ?? null, other[key] ?? null)]))
  }
  if (other === null) return one
  return typeof one === 'object' && one !== null ? one : other
}
