import t from 'tap'
import { encodeRendered } from '../../evidence/binding/rendered-object.ts'
import { renderedObject } from '../../webhook/subject/rendered.ts'
import { facts } from './attested.ts'

const kibibyte = 1_024

/** The facts of a statement whose rendered object has about this many bytes. */
function statedOf(name: string, bytes: number) {
  return { ...facts, rendered: encodeRendered({ kind: name, data: 'x'.repeat(bytes) }) }
}

t.test('a rendered object is decoded once, while the kept ones have at most 4 MiB of JSON', t => {
  const stated = statedOf('first', 60 * kibibyte)
  const first = renderedObject(stated)
  t.equal(first?.object.kind, 'first')
  t.equal(renderedObject(stated), first)
  for (let other = 0; other < 80; other += 1) renderedObject(statedOf(`o${other}`, 60 * kibibyte))
  const again = renderedObject(stated)
  t.not(again, first, 'decoded again')
  t.same(again?.object, first?.object)
  t.end()
})

t.test('a large object takes no place of others', t => {
  const small = statedOf('small', 10)
  const kept = renderedObject(small)
  const large = statedOf('large', 3_000 * kibibyte)
  const first = renderedObject(large)
  t.not(renderedObject(large), first)
  for (let review = 0; review < 4; review += 1) renderedObject(large)
  t.equal(renderedObject(small), kept)
  t.end()
})

t.test('a statement without an object has none', t => {
  t.equal(renderedObject(facts), undefined)
  t.end()
})
