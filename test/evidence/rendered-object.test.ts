import { createHash } from 'node:crypto'
import t from 'tap'
import { decodeRendered, encodeRendered } from '../../evidence/binding/rendered-object.ts'
import { stringifyJson } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { faultText } from '../fault-text.ts'

const container = (at: number) => ({
  name: `step-${at}`,
  image: `registry.example.com/ml/step-${(at * 7919) % 1000}:1`,
  args: ['--seed', String((at * 104_729) % 9_973)]
})

/** An object of 135 KB, as a workflow with many steps is. */
const large: JsonObject = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  spec: { templates: Array.from({ length: 1_500 }, (_, at) => container(at)) }
}

t.test('all of a rendered object is encoded but its metadata and its status', t => {
  const object = { kind: 'Pod', spec: { b: 1, a: [{ z: null, y: 9_007_199_254_740_993n }] } }
  const encoded = encodeRendered({ status: { phase: 'x' }, metadata: { name: 'a' }, ...object })
  t.same(encoded, encodeRendered({ spec: { a: object.spec.a, b: 1 }, kind: 'Pod' }), 'any order')
  t.same(decodeRendered(encoded).object, {
    kind: 'Pod',
    // A review's numbers lose the same digits.
    spec: { a: [{ y: 9_007_199_254_740_992, z: null }], b: 1 }
  })
  t.end()
})

t.test('the bytes are the same on every machine and in every version of Node', t => {
  const { brotli } = encodeRendered(large)
  t.equal(stringifyJson(large).length, 135_120)
  t.equal(brotli.length, 14_176)
  t.equal(
    createHash('sha256').update(brotli).digest('hex'),
    'b759c046e21446804945ab64e7dc1b8b2266aaa4d810756e079d554d7ba3b277'
  )
  t.end()
})

t.test('what is not an encoded object is a fault', t => {
  const refused = (brotli: string) => faultText(() => decodeRendered({ brotli }))
  const unreadable = 'the rendered object of the statement is unreadable:'
  const noJson = `${unreadable} it is not JSON that was compressed with Brotli [ATTESTATION_INVALID]`
  t.equal(refused('aaaa'), noJson)
  t.equal(refused(''), noJson)
  const { brotli } = encodeRendered({ text: 'x'.repeat(5 * 1024 * 1024) })
  t.ok(brotli.length < 20_000, 'a bomb is small')
  t.equal(refused(brotli), noJson)
  t.equal(
    // printf '[]' | brotli | base64
    refused('gwCAW10D'),
    `${unreadable} it is not an object [ATTESTATION_INVALID]`
  )
  t.end()
})
