import t from 'tap'
import { memoize } from '../../common/memoize.ts'

t.test('memoize keeps values by the whole text, within its limits', t => {
  const computed: string[] = []
  const lengthOf = memoize(
    text => {
      computed.push(text)
      return { length: text.length }
    },
    { maxTexts: 2, maxCharacters: 3 }
  )
  const first = lengthOf('a')
  t.same(first, { length: 1 })
  t.equal(lengthOf('a'), first)
  t.same(lengthOf('a '), { length: 2 }, 'another text is another value')
  t.equal(lengthOf('a'), first)
  t.same(computed, ['a', 'a '])

  t.same([lengthOf('long'), lengthOf('long')], [{ length: 4 }, { length: 4 }])
  t.same(computed, ['a', 'a ', 'long', 'long'], 'a text of more characters is computed each time')
  t.equal(lengthOf('a'), first)

  t.same(lengthOf('abc'), { length: 3 }, 'one text more: the others are forgotten')
  t.same(lengthOf('a'), { length: 1 })
  t.same(computed, ['a', 'a ', 'long', 'long', 'abc', 'a'])
  t.same([lengthOf('a'), lengthOf('abc')], [{ length: 1 }, { length: 3 }])
  t.equal(computed.length, 6)
  t.end()
})
