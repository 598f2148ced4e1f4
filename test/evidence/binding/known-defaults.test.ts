import { readFileSync } from 'node:fs'
import t from 'tap'
import { isJsonObject } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { isKnownDefault } from '../../../evidence/binding/known-defaults.ts'
import type { Segment } from '../../../evidence/binding/place.ts'
import { workloadTable } from '../../../evidence/workload/table.ts'
import { crdDefaultsModule, crdDefaultsPath } from '../../../scripts/generate-crd-defaults.ts'
import { crdsOf, otherPeers, peers } from '../peer-crds.ts'

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

const { schemas, absent } = crdsOf([...peers, ...otherPeers])
for (const module of absent) t.comment(`SKIPPED: ${module} is not available (no Go, or no network)`)
const rows = new Set(workloadTable.map(({ group, kind }) => `${group}/${kind}`))
const holder: JsonObject = {}

t.test(
  'what the CRDs of the workload table declare as defaults is known, and no other value',
  t => {
    for (const [name, schema] of schemas) {
      const [group = '', , kind = ''] = name.split('/')
      if (!rows.has(`${group}/${kind}`)) continue
      for (const [path, value] of defaultsOf(schema, [])) {
        // An empty text is the same as none.
        if (path[0] === 'status' || value === '') continue
        const where = `${name} ${path.join('.')}`
        t.ok(isKnownDefault({ group, kind }, path, value, holder), where)
        t.notOk(isKnownDefault({ group, kind }, path, [value], holder), where)
      }
    }
    t.end()
  }
)

t.test('nothing is made up: the table is what the CRDs of the modules give', t => {
  const file = new URL(`../../../${crdDefaultsPath}`, import.meta.url)
  if (absent.length === 0) t.equal(readFileSync(file, 'utf8'), crdDefaultsModule(schemas))
  t.end()
})

t.test('a default that depends on other fields is known only beside them', t => {
  const job = { group: 'batch', kind: 'Job' }
  const isDefault = (name: string, value: JsonValue, spec: JsonObject) =>
    isKnownDefault(job, ['spec', name], value, spec)
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

t.test('a default of one kind is none of another kind that has the same field', t => {
  const links = (kind: string, group: string, path: readonly Segment[]) =>
    isKnownDefault({ group, kind }, [...path, 'enableServiceLinks'], true, {})
  t.ok(links('Pod', '', ['spec']))
  t.notOk(links('Deployment', 'apps', ['spec', 'template', 'spec']), 'set in its Pods, not in it')
  const cronJob = { group: 'batch', kind: 'CronJob' }
  const backoff = ['spec', 'jobTemplate', 'spec', 'backoffLimit']
  t.notOk(isKnownDefault(cronJob, backoff, 6, {}), 'set in its Jobs, not in it')
  t.end()
})
