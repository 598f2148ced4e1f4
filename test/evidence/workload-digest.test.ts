import t from 'tap'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import { digestOpaque } from '../../evidence/workload/opaque-digest.ts'
import { digestSpec } from '../../evidence/workload/spec-digest.ts'

t.test(
  'the digest of an opaque field depends on its content, not on the order of its members',
  t => {
    const digests = (spec: JsonValue) =>
      inspectWorkload({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', spec })?.opaque.map(
        digestOpaque
      )
    const plugin = (content: JsonObject) => ({ templates: [{ plugin: content }] })
    t.same(digests({ podSpecPatch: 'x' }), [
      // printf '"x"' | sha256sum
      'ba2df4903a2c14e86dc3bcca58911b44ac1d2514b7227bf6eb08cfb978f55a1b'
    ])
    t.same(digests(plugin({ a: 1, b: [2] })), digests(plugin({ b: [2], a: 1 })))
    t.not(digests(plugin({ a: 1 }))?.[0], digests(plugin({ a: 2 }))?.[0])
    const long = 'k'.repeat(500)
    const hooks = (name: string) => digests({ hooks: { [long]: { templateRef: { name } } } })
    t.equal(hooks('a')?.length, 1, 'a key that no field path can express')
    t.not(hooks('a')?.[0], hooks('b')?.[0], 'is bound with what it holds')
    t.end()
  }
)

t.test('the digest of a spec covers every member, and ignores their order and null members', t => {
  const digest = digestSpec({ spec: { a: 1, b: [{ c: 'x' }, null] } })
  t.same(digest, digestSpec({ kind: 'X', spec: { b: [{ c: 'x', d: null }, null], e: null, a: 1 } }))
  // printf '{"a":1,"b":[{"c":"x"},null]}' | sha256sum
  t.equal(digest, 'eeb649b14d69d3d85242cd27c8a95175aed220be5f0e9d3cc202c5e0f70c3dc7')
  for (const spec of [{ a: 1 }, { a: 1, b: [{ c: 'x' }] }, { a: '1', b: [{ c: 'x' }, null] }])
    t.not(digestSpec({ spec }), digest)
  t.equal(digestSpec({ spec: null }), digestSpec({}))
  t.end()
})
