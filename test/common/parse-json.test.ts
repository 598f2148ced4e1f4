import t from 'tap'
import { parseJson, tryParseJson } from '../../common/parse-json.ts'

t.test('parseJson keeps every digit of a whole number', t => {
  t.same(parseJson('[9007199254740993, -9007199254740993, 1, 1.5]'), [
    9007199254740993n,
    -9007199254740993n,
    1,
    1.5
  ])
  t.end()
})

t.test('parseJson throws on text that is not JSON', t => {
  for (const text of ['', 'NaN', 'Infinity', '{', "{'a': 1}"])
    t.throws(() => parseJson(text), SyntaxError)
  t.end()
})

t.test('tryParseJson reads JSON and returns undefined for other text', t => {
  t.same(tryParseJson('{"a":[1,null]}'), { a: [1, null] })
  t.equal(tryParseJson('null'), null)
  for (const text of ['', 'NaN', '{', '{"a":1}}']) t.equal(tryParseJson(text), undefined)
  t.end()
})
