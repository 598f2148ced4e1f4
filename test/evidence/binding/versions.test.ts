import t from 'tap'
import { isJsonObject, stringifyJson } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { embeddedDefaults } from '../../../evidence/binding/known-defaults-custom.ts'
import { workloadTable } from '../../../evidence/workload/table.ts'
import { crdsOf, otherPeers, peers } from '../peer-crds.ts'

const { schemas, absent } = crdsOf([...peers, ...otherPeers])
for (const module of absent) t.comment(`SKIPPED: ${module} is not available (no Go, or no network)`)
const rows = new Set(workloadTable.map(({ group, kind }) => `${group}/${kind}`))

/** The default of each field of a schema, by path without indices; undefined for a field without one. */
type Fields = ReadonlyMap<string, JsonValue | undefined>

function* fieldsOf(
  schema: JsonValue | undefined,
  names: readonly string[]
): Generator<readonly [string, JsonValue | undefined]> {
  if (!isJsonObject(schema) || names[0] === 'status') return
  const { default: value, properties, items, additionalProperties } = schema
  yield [names.join('.'), value === '' ? undefined : value]
  for (const [name, inner] of Object.entries(isJsonObject(properties) ? properties : {}))
    yield* fieldsOf(inner, [...names, name])
  yield* fieldsOf(items, names)
  yield* fieldsOf(additionalProperties, [...names, '*'])
}

function readFields(schema: JsonObject): Fields {
  const fields = new Map<string, JsonValue | undefined>()
  for (const [path, value] of fieldsOf(schema, [])) fields.set(path, value ?? fields.get(path))
  return fields
}

/** The versions of each kind. */
const versions = Map.groupBy(
  schemas.map(([name, schema]) => {
    const [group = '', , kind = ''] = name.split('/')
    return { kind: `${group}/${kind}`, schema }
  }),
  ({ kind }) => kind
)

/** The defaults that not all versions of a kind that have the field declare alike. */
function differing(): string[] {
  const found = [...versions].flatMap(([kind, each]) => {
    if (!rows.has(kind)) return []
    const fields = each.map(({ schema }) => readFields(schema))
    const declared = fields.flatMap(ofVersion =>
      [...ofVersion].flatMap(([path, value]) => (value === undefined ? [] : [path]))
    )
    return [...new Set(declared)].flatMap(path => {
      const values = fields.filter(ofVersion => ofVersion.has(path)).map(of => of.get(path))
      const said = [...new Set(values.map(value => stringifyJson(value ?? null)))]
      return said.length === 1 || isOfPod(path) ? [] : [`${kind} ${path}: ${said.join(', ')}`]
    })
  })
  return found.sort()
}

/** What Kubernetes itself sets in a pod's volumes, whichever version of the CRD says so. */
function isOfPod(path: string): boolean {
  const [holder = '', name = ''] = path.split('.').slice(-2)
  return Object.hasOwn(embeddedDefaults[holder] ?? {}, name)
}

t.test('a default of one version that another one has the field of, and not the default', t => {
  const some = absent.length > 0
  // v2beta1 of the MPI operator has the default that v1 of the training operator leaves to its controller.
  if (!some) t.same(differing(), ['kubeflow.org/MPIJob spec.slotsPerWorker: null, 1'])
  t.end()
})

/** Names of fields that run something, or name an image, a model, a secret, a host path or an account. */
const dangerous =
  /^(?:image|command|args|env|envFrom|script|source|entrypoint|container|containers|initContainers|volumes|hostPath|path|secret\w*|serviceAccount\w*|storageUri|modelUri|uri|url|ref|name|privileged|host(?:Network|PID|IPC|Users))$/i

t.test('no CRD declares a default where something runs or is named', t => {
  const found = [...versions].flatMap(([kind, each]) =>
    rows.has(kind)
      ? each.flatMap(({ schema }) =>
          [...readFields(schema)].flatMap(([path, value]) =>
            value !== undefined && dangerous.test(path.split('.').at(-1) ?? '')
              ? [`${kind} ${path}`]
              : []
          )
        )
      : []
  )
  if (absent.length === 0) {
    // A route of the Gateway API, which matches every path.
    const route = 'spec.router.route.http.spec.rules.matches.path'
    t.same(
      [...new Set(found)].sort(),
      ['LLMInferenceService', 'LLMInferenceServiceConfig'].map(
        kind => `serving.kserve.io/${kind} ${route}`
      )
    )
  }
  t.end()
})
