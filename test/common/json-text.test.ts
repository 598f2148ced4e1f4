import {
  assert,
  constantFrom,
  dictionary,
  double,
  letrec,
  oneof,
  property,
  string
} from 'fast-check'
import { array, boolean, constant, integer } from 'fast-check'
import t from 'tap'
import { isFault } from '../../common/fault.ts'
import type { JsonValue } from '../../common/json.ts'
import { readJsonText } from '../../common/yaml/json-text.ts'
import { readYaml } from '../../common/yaml/read.ts'

function readByYaml(text: string): JsonValue | undefined {
  try {
    return readYaml(text, { file: 'x', literalKeys: true, exactNumbers: 'all' })[0]?.value
  } catch (error) {
    if (isFault(error)) return undefined
    throw error
  }
}

const { value } = letrec(tie => ({
  value: oneof(
    { maxDepth: 4 },
    constant(null),
    boolean(),
    integer(),
    double({ noDefaultInfinity: true, noNaN: true }),
    constantFrom(0.5, 1.25, 1e21, 9007199254740993, 123456789012345, 'yes', 'a: b', '"', '\\', '/'),
    string(),
    array(tie('value'), { maxLength: 4 }),
    dictionary(oneof(string(), constantFrom('y', '<<', 'n', 'a')), tie('value'), { maxKeys: 4 })
  )
}))

t.test('readJsonText reads JSON as the YAML reader does, or leaves it to that', t => {
  let read = 0
  const written = property(
    dictionary(constantFrom('a', 'b', 'c'), value),
    constantFrom(undefined, 1, 2, '\t'),
    constantFrom('', '\n', '\r\n'),
    (object, indent, end) => {
      const text = JSON.stringify(object, undefined, indent) + end
      const found = readJsonText(text)
      if (found === undefined) return
      read++
      t.same(found, readByYaml(text))
    }
  )
  assert(written, { numRuns: 3_000 })
  t.ok(read > 1_000, 'most objects are read')
  t.end()
})

t.test('readJsonText leaves what YAML can read in another way to the YAML reader', t => {
  const left = {
    'a duplicate member': '{"a": 1, "a": 1}',
    'a duplicate member below': '{"b": [{"a": {"c": 1}, "a": 2}]}',
    'another name of the prototype': '{"__proto__": 1}',
    'an integer beyond 15 digits': '{"a": 9007199254740993}',
    'a long fraction': '{"a": 0.12345678901234567890}',
    'an exponent': '{"a": 1e400}',
    'a negative zero': '{"a": -0}',
    'an escape of UTF-16': '{"a": "\\ud83d\\ude00"}',
    'other letters': '{"a": "ü"}',
    'a tab': '{\t"a": 1}',
    'a comment': '{"a": 1} # one',
    YAML: '{a: 1}',
    'a list': '[1]',
    'deep nesting': `{"a": ${'['.repeat(150)}${']'.repeat(150)}}`,
    'a long key': `{"${'k'.repeat(600)}": 1}`,
    'two documents': '{}\n---\n{}'
  }
  for (const [what, text] of Object.entries(left)) t.equal(readJsonText(text), undefined, what)
  t.end()
})

t.test('readJsonText counts colons outside of texts only', t => {
  t.same(readJsonText('{"a:": "b: \\": c", "d": {"e": [{"f": 0.5}]}}\n'), {
    'a:': 'b: ": c',
    d: { e: [{ f: 0.5 }] }
  })
  t.end()
})
