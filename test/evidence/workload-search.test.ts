import fc from 'fast-check'
import t from 'tap'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'

const unknown = (spec: JsonValue) => ({ apiVersion: 'kubeflow.org/v9', kind: 'Novelty', spec })
const known = (spec: JsonValue) => ({ apiVersion: 'apps/v1', kind: 'Deployment', spec })

/** A value in lists and objects with any keys, such as another project's free-form object. */
function buried(value: JsonValue, further: readonly string[] = []): fc.Arbitrary<JsonValue> {
  const names = fc.oneof(
    fc.constantFrom('status', 'metadata', 'spec', 'template', 'annotations', 'rbd', ...further),
    fc.string({ maxLength: 8 }).filter(name => name !== '__proto__')
  )
  const siblings = fc.dictionary(names, fc.constantFrom<JsonValue>(1, 'x', [], null), {
    maxKeys: 2
  })
  const levels = fc.array(fc.oneof(fc.constant(undefined), fc.tuple(names, siblings)), {
    maxLength: 9
  })
  return levels.map(all =>
    all.reduceRight<JsonValue>(
      (inner, level) => (level === undefined ? ['x', inner] : { ...level[1], [level[0]]: inner }),
      value
    )
  )
}

const runs = { seed: 19, numRuns: 500 }

t.test('an image of an unknown kind is found wherever it is', t => {
  fc.assert(
    fc.property(buried({ image: 'evil/x' }, ['args', 'env']), spec => {
      const { images = [], opaque = [] } = inspectWorkload(unknown(spec)) ?? {}
      // Where a name above it looks like an image as well, the field is opaque.
      return images.some(({ value }) => value === 'evil/x') || opaque.length > 0
    }),
    runs
  )
  t.end()
})

t.test('a model of an unknown kind is found wherever it is', t => {
  fc.assert(
    fc.property(buried({ model: 'hf://evil/x' }), spec => {
      const { models = [], opaque = [] } = inspectWorkload(unknown(spec)) ?? {}
      return models.some(({ value }) => value === 'hf://evil/x') || opaque.length > 0
    }),
    runs
  )
  const modelsOf = (spec: JsonObject) => inspectWorkload(unknown(spec))?.models
  t.same(modelsOf({ args: ['hf://x'], env: [{ name: 'MODEL', value: 's3://x' }] }), undefined)
  t.end()
})

t.test('an annotation of an injector is found wherever a known kind has annotations', t => {
  fc.assert(
    fc.property(buried({ annotations: { 'dapr.io/sidecar-image': 'evil/x' } }), spec => {
      const fields = inspectWorkload(known(spec))?.images.map(({ value }) => value)
      return isOnlyStatus(spec) || fields?.includes('evil/x') === true
    }),
    runs
  )
  t.end()
})

/** What is below a `status` is written by controllers, and copied to no pod. */
function isOnlyStatus(spec: JsonValue): boolean {
  return JSON.stringify(spec).includes('"status":')
}

t.test('beyond the limits, an unknown kind is opaque', t => {
  let deep: JsonValue = { image: 'evil/x' }
  for (let depth = 0; depth < 200; depth++) deep = [deep]
  const wide = Array(200_000).fill({})
  for (const spec of [deep, wide]) {
    const object = unknown(spec)
    const [opaque] = inspectWorkload(object)?.opaque ?? []
    t.equal(opaque?.kind, 'malformed')
    t.ok(opaque?.value === object, 'the whole object is what was not read')
  }
  t.end()
})
