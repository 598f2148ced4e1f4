import t from 'tap'
import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { identify } from '../../evidence/identity.ts'
import { isIdle } from '../../evidence/workload/idle-kinds.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import { digestOpaque } from '../../evidence/workload/opaque-digest.ts'
import { workloadTable } from '../../evidence/workload/table.ts'
import { goodForm } from '../webhook/good-forms.ts'
import { peerCrds } from './peer-crds.ts'

/** An object of a schema that has everything once; every image says where it is. */
function maximal(schema: JsonValue | undefined, field: string, depth = 0): JsonValue {
  if (!isJsonObject(schema) || depth > 40) return 'x'
  const { properties, items, additionalProperties, type } = schema
  if (isJsonObject(properties)) {
    const entries = Object.entries(properties).map(([name, inner]) => {
      const at = field === '' ? name : `${field}.${name}`
      const isImage = name === 'image' && member(inner, 'type') === 'string'
      return [name, isImage ? `image=${at}` : maximal(inner, at, depth + 1)]
    })
    return Object.fromEntries(entries) as JsonObject
  }
  if (items !== undefined) return [maximal(items, `${field}[0]`, depth + 1)]
  if (isJsonObject(additionalProperties))
    return { k: maximal(additionalProperties, `${field}[k]`, depth + 1) }
  return type === 'object' ? {} : type === 'integer' ? 1 : type === 'boolean' ? true : 'x'
}

function imagesIn(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return value.startsWith('image=') ? [value.slice(6)] : []
  if (isJsonArray(value)) return value.flatMap(imagesIn)
  return isJsonObject(value) ? Object.values(value).flatMap(imagesIn) : []
}

/** What runs nothing: a status, and the name of a block device of Ceph. */
const passedOver: readonly RegExp[] = [/^status\b/, /\.rbd\.image$/]

const rows = new Set(workloadTable.map(({ group, kind }) => `${group}/${kind}`))
const groups = new Set(workloadTable.map(({ group }) => group))
const { schemas, absent } = peerCrds()
/** One for each version of a kind. */
const described = [...schemas].map(([name, schema]) => {
  const [apiVersion, kind = ''] = [name.slice(0, name.lastIndexOf('/')), name.split('/').at(-1)]
  return { apiVersion, kind, schema }
})
const objects = described.map(({ apiVersion, kind, schema }) => {
  return { ...(maximal(schema, '') as JsonObject), apiVersion, kind }
})
const nameOf = (object: JsonObject) => {
  const { group, kind } = identify(object)
  return `${group}/${kind}`
}

for (const module of absent) t.comment(`SKIPPED: ${module} is not available (no Go, or no network)`)

t.test('no image of a maximal object of a real CRD is missed', t => {
  for (const object of objects) {
    const images = imagesIn(object).filter(field => !passedOver.some(each => each.test(field)))
    const workload = inspectWorkload(object)
    if (images.length === 0 || !isAsked(object) || isIdle(object)) continue
    // The search cannot tell a map from an object with members.
    const found = (workload?.images ?? []).map(({ field }) => field.replaceAll('.k.', '[k].'))
    const opaque = (workload?.opaque ?? []).map(({ field }) => field)
    const missed = images.filter(
      field => !found.includes(field) && !opaque.some(prefix => field.startsWith(prefix))
    )
    t.same(missed, [], `${nameOf(object)} ${identify(object).version}`)
  }
  t.end()
})

t.test('what the API server defaults changes nothing of what is attested', t => {
  const attested = (object: JsonObject) => {
    const { images = [], models = [], opaque = [] } = inspectWorkload(object) ?? {}
    const texts = [...images, ...models].map(({ field, value }) => `${field}=${value}`)
    return [...texts, ...opaque.map(each => `${each.field}=${digestOpaque(each)}`)].sort()
  }
  for (const { apiVersion, kind, schema } of described) {
    const row = workloadTable.find(
      each => nameOf({ apiVersion, kind }) === `${each.group}/${each.kind}`
    )
    if (row === undefined) continue
    const form = { ...goodForm(row), apiVersion }
    t.same(
      attested(withDefaults(schema, form) as JsonObject),
      attested(form),
      `${apiVersion} ${kind}`
    )
  }
  t.end()
})

/** The value with the defaults of a structural schema, as the API server adds them. */
function withDefaults(schema: JsonValue | undefined, value: JsonValue): JsonValue {
  const items = member(schema, 'items')
  if (isJsonArray(value)) return value.map(item => withDefaults(items, item))
  if (!isJsonObject(value)) return value
  const properties = member(schema, 'properties')
  const others = member(schema, 'additionalProperties')
  const known = isJsonObject(properties) ? properties : {}
  const missing = Object.entries(known).flatMap(([name, inner]) => {
    const fallback = member(inner, 'default')
    return fallback === undefined || Object.hasOwn(value, name) ? [] : [[name, fallback] as const]
  })
  return Object.fromEntries(
    [...Object.entries(value), ...missing].map(([name, inner]) => [
      name,
      withDefaults(member(known, name) ?? others, inner)
    ])
  )
}

t.test('what is known of every kind of the CRDs', { skip: absent.length > 0 }, t => {
  const known = new Map<string, string[]>()
  for (const object of objects) {
    const kinds = known.get(groundFor(object)) ?? []
    if (!kinds.includes(nameOf(object))) kinds.push(nameOf(object))
    known.set(groundFor(object), kinds)
  }
  const { table = [], ...others } = Object.fromEntries(known)
  t.equal(table.length, 57)
  t.same(others, {
    'found by search': ['argoproj.io/WorkflowTaskSet'],
    idle: ['serving.kserve.io/LocalModelNode', 'apps.kruise.io/NodeImage'],
    'runs nothing': [
      'serving.kserve.io/LocalModelNodeGroup',
      'argoproj.io/WorkflowArtifactGCTask',
      'argoproj.io/WorkflowEventBinding',
      'argoproj.io/WorkflowTaskResult',
      'tekton.dev/VerificationPolicy',
      'apps.kruise.io/ContainerRecreateRequest',
      'apps.kruise.io/NodePodProbe',
      'apps.kruise.io/PersistentPodState',
      'apps.kruise.io/PodProbeMarker',
      'apps.kruise.io/ResourceDistribution',
      'kubeflow.org/Suggestion',
      'serving.knative.dev/DomainMapping',
      'serving.knative.dev/Route'
    ],
    'not asked for': [
      'resolution.tekton.dev/ResolutionRequest',
      'policy.kruise.io/PodUnavailableBudget',
      'autoscaling.internal.knative.dev/Metric',
      'autoscaling.internal.knative.dev/PodAutoscaler',
      'bus.volcano.sh/Command',
      'nodeinfo.volcano.sh/Numatopology',
      'scheduling.volcano.sh/PodGroup',
      'scheduling.volcano.sh/Queue'
    ]
  })
  t.end()
})

function isAsked(object: JsonObject): boolean {
  return groups.has(identify(object).group)
}

/** Where an answer about a kind comes from. */
function groundFor(object: JsonObject): string {
  if (rows.has(nameOf(object))) return 'table'
  if (!isAsked(object)) return 'not asked for'
  if (isIdle(object)) return 'idle'
  return inspectWorkload(object) === undefined ? 'runs nothing' : 'found by search'
}
