import t from 'tap'
import { isJsonObject } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { isKnownDefault } from '../../../evidence/binding/known-defaults.ts'
import { customDefaults } from '../../../evidence/binding/known-defaults-custom.ts'
import type { Segment } from '../../../evidence/binding/place.ts'
import { workloadTable } from '../../../evidence/workload/table.ts'
import { peerCrds } from '../peer-crds.ts'

/** The defaults that a schema declares, each with its path. */
function* defaultsOf(
  schema: JsonValue | undefined,
  path: readonly Segment[]
): Generator<readonly [readonly Segment[], JsonValue]> {
  if (!isJsonObject(schema)) return
  const { default: value, properties, items, additionalProperties } = schema
  if (value !== undefined) yield [path, value]
  for (const [key, inner] of Object.entries(isJsonObject(properties) ? properties : {})) {
    yield* defaultsOf(inner, [...path, key])
  }
  yield* defaultsOf(items, [...path, 0])
  yield* defaultsOf(additionalProperties, [...path, 'k'])
}

const { schemas, absent } = peerCrds()
for (const module of absent) t.comment(`SKIPPED: ${module} is not available (no Go, or no network)`)
const rows = new Set(workloadTable.map(({ group, kind }) => `${group}/${kind}`))
const holder: JsonObject = {}

t.test(
  'what the CRDs of the workload table declare as defaults is known, and no other value',
  t => {
    const declared = new Set<string>()
    for (const [name, schema] of schemas) {
      const [group = '', , kind = ''] = name.split('/')
      if (!rows.has(`${group}/${kind}`)) continue
      for (const [path, value] of defaultsOf(schema, [])) {
        // An empty text is the same as none.
        if (path[0] === 'status' || value === '') continue
        const field = path.filter(segment => typeof segment === 'string').join('.')
        declared.add(`${group}/${kind} ${field}`)
        const where = `${name} ${path.join('.')}`
        t.ok(isKnownDefault({ group, kind }, path, value, holder), where)
        t.notOk(isKnownDefault({ group, kind }, path, [value], holder), where)
      }
    }
    const stated = Object.entries(customDefaults).flatMap(([kind, paths]) =>
      Object.keys(paths).map(path => `${kind} ${path}`)
    )
    if (absent.length === 0)
      t.same(
        stated.filter(each => !declared.has(each)),
        [],
        'nothing is made up'
      )
    t.end()
  }
)

t.test('a default that depends on other fields is known only beside them', t => {
  const job = { group: 'batch', kind: 'Job' }
  const isDefault = (name: string, value: JsonValue, spec: JsonObject) =>
    isKnownDefault(job, ['spec', name], value, spec)
  t.ok(isDefault('completions', 1, { parallelism: 1 }))
  t.notOk(isDefault('completions', 1, { parallelism: 5 }), 'a queue of work has none')
  t.ok(isDefault('backoffLimit', 6, {}))
  t.ok(isDefault('backoffLimit', 2_147_483_647, { backoffLimitPerIndex: 1 }))
  t.notOk(isDefault('backoffLimit', 6, { backoffLimitPerIndex: 1 }))
  t.ok(isDefault('podReplacementPolicy', 'TerminatingOrFailed', {}))
  t.ok(isDefault('podReplacementPolicy', 'Failed', { podFailurePolicy: {} }))
  const path = ['spec', 'template', 'spec', 'containers', 0, 'imagePullPolicy']
  const policies: readonly (readonly [string, string])[] = [
    ['host:5000/a', 'Always'],
    ['host:5000/a:latest', 'Always'],
    ['host:5000/a:1', 'IfNotPresent'],
    [`a@sha256:${'0'.repeat(64)}`, 'IfNotPresent'],
    [`a:latest@sha256:${'0'.repeat(64)}`, 'Always']
  ]
  for (const [image, policy] of policies) {
    t.ok(isKnownDefault(job, path, policy, { image }), image)
    t.notOk(isKnownDefault(job, path, 'Never', { image }), image)
  }
  t.end()
})
