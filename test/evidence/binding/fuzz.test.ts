import fc from 'fast-check'
import t from 'tap'
import { isJsonArray, isJsonObject } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import type { Binding } from '../../../evidence/binding/binding.ts'
import { compared } from './compared.ts'

const keys = fc.constantFrom(
  ...['containers', 'env', 'name', 'value', 'spec', 'template', 'metadata', 'annotations', 'ports'],
  ...['resources', 'limits', 'constructor', 'volumes', 'serviceAccountName', 'replicas', 'status']
)
const { tree } = fc.letrec<{ tree: JsonValue }>(tie => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom<JsonValue>('', 'a', '1000m', '1', 0, 1, true, false, null),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(keys, tie('tree'), { maxKeys: 4 })
  )
}))
const kinds = [
  ['apps/v1', 'Deployment'],
  ['v1', 'Pod'],
  ['batch/v1', 'Job'],
  ['serving.kserve.io/v1beta1', 'InferenceService'],
  ['example.com/v1', 'Unknown']
] as const

function countOf(binds: Binding, rendered: JsonObject, found: JsonObject): number {
  return compared(binds, rendered, found).differences.length
}

t.test('an object is itself, whatever it is, and what object admits runs admits as well', t => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), tree, tree, ([apiVersion, kind], one, other) => {
      const object = (spec: JsonValue) => ({ apiVersion, kind, spec })
      const [rendered, found] = [object(one), object(other)]
      if (countOf('runs', rendered, rendered) + countOf('object', rendered, rendered) > 0)
        return false
      return countOf('object', rendered, found) > 0 || countOf('runs', rendered, found) === 0
    }),
    { numRuns: 5_000 }
  )
  t.pass('no counterexample')
  t.end()
})

/** Members that the API server adds, and some that it does not. */
const additions = fc.constantFrom<readonly [string, JsonValue]>(
  ['terminationMessagePath', '/dev/termination-log'],
  ['imagePullPolicy', 'Always'],
  ['imagePullPolicy', 'Never'],
  ['protocol', 'TCP'],
  ['protocol', 'UDP'],
  ['resources', {}],
  ['completions', 1],
  ['parallelism', 1],
  ['strategy', { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } }],
  ['selector', { matchLabels: { 'controller-uid': 'u' } }],
  ['labels', { 'job-name': 'train', 'controller-uid': 'v' }],
  ['serviceAccount', 'a'],
  ['serviceAccountName', 'a'],
  ['hostPort', 0],
  ['value', null]
)
const paths = ['spec', 'spec.template', 'spec.template.spec', 'spec.template.spec.containers.0']
const added = fc.array(fc.tuple(fc.constantFrom(...paths), additions), { maxLength: 4 })

function withMember(
  value: JsonValue,
  path: readonly string[],
  [key, addition]: readonly [string, JsonValue]
): JsonValue {
  const [next, ...rest] = path
  if (isJsonArray(value) && next !== undefined)
    return value.map((item, at) =>
      String(at) === next ? withMember(item, rest, [key, addition]) : item
    )
  if (!isJsonObject(value)) return value
  if (next === undefined) return { ...value, [key]: addition }
  return { ...value, [next]: withMember(value[next] ?? {}, rest, [key, addition]) }
}

t.test('an expectation is met by no object that differs', t => {
  let certain = 0
  const container = fc.record({ name: fc.constant('train'), image: fc.constant('a:1') })
  const pod = fc.record({ containers: fc.array(container, { minLength: 1, maxLength: 2 }) })
  const spec = fc.oneof(fc.record({ template: fc.record({ spec: pod }) }), pod, tree)
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      spec,
      added,
      added,
      ([apiVersion, kind], spec, one, other) => {
        const metadata = { name: 'train', uid: 'u' }
        const rendered = one.reduce<JsonValue>(
          (object, [path, member]) => withMember(object, path.split('.'), member),
          { apiVersion, kind, metadata, spec }
        ) as JsonObject
        const found = other.reduce<JsonValue>(
          (object, [path, member]) => withMember(object, path.split('.'), member),
          rendered
        ) as JsonObject
        // Both throw if an expectation is met by an object that differs.
        const results = [compared('runs', rendered, found), compared('object', rendered, found)]
        certain += results.filter(({ isCertain }) => isCertain).length
      }
    ),
    { numRuns: 5_000 }
  )
  t.ok(certain > 1_000, 'many expectations are met')
  t.end()
})
