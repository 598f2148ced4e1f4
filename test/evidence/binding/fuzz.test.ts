import fc from 'fast-check'
import t from 'tap'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { differencesFrom } from '../../../evidence/binding/binding.ts'
import type { Binding } from '../../../evidence/binding/binding.ts'
import { isKnownDefault } from '../../../evidence/binding/known-defaults.ts'

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
  const options = { binds, allowChanges: [], isUpdate: false, isKnownDefault }
  return differencesFrom(rendered, found, options).length
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
