import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { isJsonObject, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import { compilePath } from '../../evidence/workload/path.ts'
import { workloadKinds } from '../../evidence/workload/table.ts'
import { walk } from '../../evidence/workload/walk.ts'

/** `field=image`, `field=uri` and `field:kind` of everything that is found. */
function foundIn(object: JsonObject): string[] {
  const workload = inspectWorkload(object)
  if (workload === undefined) return ['no workload']
  return [
    ...workload.images.map(({ field, value }) => `${field}=${value}`),
    ...workload.models.map(({ field, value }) => `${field}=${value}`),
    ...workload.opaque.map(({ field, kind: why }) => `${field}:${why}`)
  ]
}

function found(apiVersion: string, kind: string, spec: JsonValue): string[] {
  return foundIn({ apiVersion, kind, spec })
}

const pod = { containers: [{ image: 'a' }] }
const template = { spec: pod }
t.test('every kind of the table shows its images, models and opaque fields', t => {
  const file = 'test/evidence/workload-kinds.yaml'
  const tested = readYaml(readFileSync(file, 'utf8'), { file }).map(({ value, line }) => {
    if (!isJsonObject(value)) throw new TypeError(`${file}:${line} is not an object`)
    const { expected = [], ...object } = value
    const apiVersion = stringMember(object, 'apiVersion') ?? ''
    const kind = stringMember(object, 'kind') ?? ''
    t.same(foundIn(object), expected, `${file}:${line} ${apiVersion} ${kind}`)
    return `${apiVersion.replace(/\/?v[^/]*$/, '')}/${kind}`
  })
  t.same(
    new Set(tested),
    new Set(workloadKinds().map(({ group, kind }) => `${group}/${kind}`)),
    'no kind of the table is left out'
  )
  t.end()
})

t.test('other kinds are not workloads', t => {
  const others: readonly JsonObject[] = [
    {},
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { apiVersion: 'v1', kind: 'Job' },
    { apiVersion: 'batch/v1', kind: 'Pod' },
    { apiVersion: '/v1', kind: 'Deployment' },
    { apiVersion: 7, kind: 'Pod' },
    { apiVersion: 'v1', kind: ['Pod'] },
    { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Pod', spec: pod }] },
    { apiVersion: 'v1', kind: '__proto__' }
  ]
  for (const object of others) t.equal(inspectWorkload(object), undefined, JSON.stringify(object))
  t.end()
})

t.test('a field of a wrong type is reported, not ignored', t => {
  const opaque = (spec: JsonValue) => inspectWorkload({ apiVersion: 'v1', kind: 'Pod', spec })
  t.same(opaque('text')?.opaque, [
    {
      field: 'spec',
      kind: 'malformed',
      reason: 'holds a string where an object is expected',
      value: 'text'
    }
  ])
  t.same(opaque({ containers: { a: { image: 'x' } } })?.opaque, [
    {
      field: 'spec.containers',
      kind: 'malformed',
      reason: 'holds an object where a list is expected',
      value: { a: { image: 'x' } }
    }
  ])
  t.same(opaque({ containers: ['x', null, { image: 7 }, { image: ['x'] }, { image: {} }] }), {
    role: 'run',
    scope: 'namespaced',
    images: [],
    models: [],
    opaque: [
      {
        field: 'spec.containers[0]',
        kind: 'malformed',
        reason: 'holds a string where an object is expected',
        value: 'x'
      },
      {
        field: 'spec.containers[2].image',
        kind: 'malformed',
        reason: 'holds a number where a string is expected',
        value: 7
      },
      {
        field: 'spec.containers[3].image',
        kind: 'malformed',
        reason: 'holds a list where a string is expected',
        value: ['x']
      }
    ]
  })
  t.same(opaque({ containers: [{ image: null }, {}], initContainers: null }), {
    role: 'run',
    scope: 'namespaced',
    images: [],
    models: [],
    opaque: []
  })
  t.end()
})

t.test('an empty image is reported with its field', t => {
  const containers = [{ image: '' }, { image: 'a' }]
  const workload = inspectWorkload({ apiVersion: 'v1', kind: 'Pod', spec: { containers } })
  t.same(
    workload?.emptyImages?.map(({ field }) => field),
    ['spec.containers[0].image']
  )
  t.same(
    workload?.images.map(({ value }) => value),
    ['a']
  )
  t.end()
})

t.test('a key that no field path can name is reported only for maps', t => {
  const odd = { 'a]': { image: 'x' } }
  t.same(found('v1', 'Pod', { ...odd, ...pod }), ['spec.containers[0].image=a'])
  const replicas = (tfReplicaSpecs: JsonObject) =>
    inspectWorkload({ apiVersion: 'kubeflow.org/v1', kind: 'TFJob', spec: { tfReplicaSpecs } })
  t.match(replicas({ Worker: { template }, ...odd })?.opaque, [
    { field: 'spec.tfReplicaSpecs', reason: 'holds a key that no field path can express' }
  ])
  t.same(replicas({ ['k'.repeat(100)]: { template } })?.opaque, [])
  t.end()
})

t.test('empty fields hide nothing', t => {
  const templates = [null, false, '', [], {}].map(plugin => ({ plugin }))
  const spec = { podSpecPatch: '', workflowTemplateRef: {}, templates }
  t.same(found('argoproj.io/v1', 'Workflow', spec), [])
  t.end()
})

t.test('malicious objects neither crash the inspection nor hide anything', t => {
  const hostile = JSON.parse(
    '{"apiVersion":"kubeflow.org/v1","kind":"TFJob","spec":{"tfReplicaSpecs":{"__proto__":{"template":{"spec":{"containers":[{"image":"a"}]}}},"constructor":{"template":null}}}}'
  ) as JsonObject
  t.same(
    foundIn(hostile),
    ['spec.tfReplicaSpecs[__proto__].template.spec.containers[0].image=a'],
    'an own member named __proto__ is read as any other'
  )
  const inherited = Object.create({ spec: pod }) as JsonObject
  const object = Object.assign(inherited, { apiVersion: 'v1', kind: 'Pod' })
  t.same(inspectWorkload(object)?.images, [], 'an inherited member is not')

  let graph: JsonObject = { modelUri: 'gs://deep' }
  for (let depth = 0; depth < 30; depth++) graph = { children: [graph] }
  t.match(found('machinelearning.seldon.io/v1', 'SeldonDeployment', { predictors: [{ graph }] }), [
    /^spec\.predictors\[0\]\.graph(\.children\[0\]){30}\.modelUri=gs:\/\/deep$/
  ])
  for (let depth = 0; depth < 100_000; depth++) graph = { children: [graph] }
  const deep = found('machinelearning.seldon.io/v1', 'SeldonDeployment', {
    predictors: [{ graph }]
  })
  const reason = 'holds more than 100 levels'
  t.same(deep, [`spec.predictors[0].graph${'.children[0]'.repeat(48)}.children:malformed`], reason)

  for (const key of ['a\n', 'k'.repeat(101), 'Worker].template', '\u200b']) {
    const spec = { tfReplicaSpecs: { [key]: { template } } }
    t.same(found('kubeflow.org/v1', 'TFJob', spec), ['spec.tfReplicaSpecs:malformed'], key)
  }
  t.end()
})

const anyJson = fc
  .jsonValue({ maxDepth: 6 })
  .map(value => JSON.parse(JSON.stringify(value)) as JsonValue)

t.test('inspection never throws, whatever an object contains', t => {
  const kinds = workloadKinds()
  const members = ['spec', 'template', 'containers', 'image', 'tasks', 'graph', 'predictor', '0']
  const nested = fc.letrec<{ tree: unknown }>(tie => ({
    tree: fc.oneof(
      { depthSize: 'medium' },
      anyJson,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...members), tie('tree'), { maxKeys: 4 })
    )
  })).tree
  fc.assert(
    fc.property(fc.nat(kinds.length - 1), nested, (index, spec) => {
      const row = kinds[index] ?? { group: '', kind: 'Pod' }
      const apiVersion = row.group === '' ? 'v1' : `${row.group}/v1`
      const workload = inspectWorkload({ apiVersion, kind: row.kind, spec: spec as JsonValue })
      const fields = workload?.images.map(({ field }) => field) ?? []
      return workload !== undefined && new Set(fields).size === fields.length
    }),
    { seed: 7, numRuns: 500 }
  )
  t.end()
})

t.test('beyond the limits, the object is opaque', t => {
  const containers = (count: number, image: JsonValue = 'x') => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x' },
    spec: { containers: Array(count).fill({ image }), initContainers: [{ image: 'y' }] }
  })
  const inspected = (object: JsonObject) => {
    const { images, opaque } = inspectWorkload(object) ?? { images: [], opaque: [] }
    const { value, ...last } = opaque.at(-1) ?? { value: object }
    t.equal(value, object, 'the whole object is what was not read')
    return [images.length, opaque.length, last]
  }
  const more = (field: string) => {
    return { field, kind: 'malformed', reason: 'holds more than can be judged' }
  }
  t.same(inspected(containers(1_999)), [2_000, 0, {}])
  t.same(inspected(containers(2_000)), [2_000, 1, more('spec.initContainers[0].image')])
  t.same(inspected(containers(2_001)), [2_000, 1, more('spec.containers[2000].image')])
  t.same(inspected(containers(2_001, 1)), [0, 2_001, more('spec.containers[2000].image')])
  t.same(
    inspected(containers(100_000, null)),
    [0, 1, more('spec.containers[99996]')],
    '100,000 steps'
  )
  t.end()
})

t.test('paths have members, lists, maps, choices and loops', t => {
  const object: JsonObject = {
    a: { b: [1, 2], c: { x: { d: 3 }, y: { d: 4 } } },
    loop: { v: 1, n: [{ v: 2, n: [{ v: 3 }] }] }
  }
  const values = (path: string) =>
    walk(object, compilePath(path), { steps: 100, ends: 10 }).map(
      ({ value, obstacle }) => obstacle ?? value
    )
  t.same(values('a.b[]'), [1, 2])
  t.same(values('a.c{}.d'), [3, 4])
  t.same(values('a.(b[]|c{}.d)'), [1, 2, 3, 4])
  t.same(values('loop(.n[])*.v'), [1, 2, 3])
  t.same(values('a.b{}'), ['a list where an object is expected'])
  t.same(values('a.c[]'), ['an object where a list is expected'])
  t.same(values('a.missing.b[]'), [])
  for (const [path, message] of [
    ['', 'an empty part in '],
    ['a..', undefined],
    ['a(', 'an empty part in a('],
    ['a(b', 'a "(" without ")" in a(b'],
    ['a(|b)', 'an empty part in a(|b)'],
    ['a)', 'a ")" without "(" in a)'],
    ['a[0]', 'not a path: a[0]'],
    ['a b', 'not a path: a b']
  ] as const) {
    if (message === undefined) t.doesNotThrow(() => compilePath(path))
    else t.throws(() => compilePath(path), { name: 'TypeError', message })
  }
  t.end()
})
