import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { readPlainJson } from '../../../webhook/review/plain-json.ts'
import { readStrictJson } from '../../../webhook/review/strict-json.ts'
import type { StrictJson } from '../../../webhook/review/strict-json.ts'

/** What is read of a text with and without white space, which the plain reading does not take. */
function read(text: string): { readonly once: StrictJson; readonly counted: StrictJson } {
  const body = (of: string) => Buffer.from(of)
  t.equal(readPlainJson(`${text} `), undefined)
  return { once: readStrictJson(body(text)), counted: readStrictJson(body(`${text} `)) }
}

const names = [
  'a',
  'b',
  '',
  'é',
  '😀',
  'constructor',
  '__proto__',
  '\\u0061',
  '10',
  'a:',
  '{',
  '\\"',
  '\\\\'
]
const numbers = ['0', '-0', '1', '-12', '420', '1000', '1e3', '1e2', '10e1', '1E0', '0.5', '5e-3']
const scalars = [
  ...numbers,
  '0e9',
  '9007199254740993',
  '1e400',
  'true',
  'false',
  'null',
  ...names.map(name => `"${name}"`)
]

/** Unusual JSON: duplicate names, numbers of any form. */
const hostileText = fc.letrec<{ value: string; object: string; list: string }>(tie => ({
  value: fc.oneof({ depthSize: 'medium' }, fc.constantFrom(...scalars), tie('object'), tie('list')),
  object: fc
    .array(fc.tuple(fc.constantFrom(...names), tie('value')), { maxLength: 5 })
    .map(members => `{${members.map(([name, value]) => `"${name}":${value}`).join()}}`),
  list: fc.array(tie('value'), { maxLength: 3 }).map(items => `[${items.join()}]`)
}))

t.test('The fast path accepts only what the strict path accepts, with the same result', t => {
  let plainly = 0
  const check = (text: string) => {
    const { once, counted } = read(text)
    if (readPlainJson(text) !== undefined) plainly += 1
    // Of a name that is given twice V8 does not always keep the same value, so reasons can differ.
    const isSame =
      once.kind === 'refused' ? counted.kind === 'refused' : isDeepStrictEqual(once, counted)
    t.ok(isSame, text)
  }
  const options = { seed: 4, numRuns: 3_000 }
  fc.assert(fc.property(hostileText.object, check), options)
  fc.assert(
    fc.property(
      fc.jsonValue().map(value => JSON.stringify(value)),
      check
    ),
    options
  )
  t.ok(plainly > 500, 'many are read plainly')
  t.end()
})

t.test('No number can hide a lost duplicate member', t => {
  // Each is as long as what was read from it: the number is longer by what was lost.
  const short = (number: string, value: number) => {
    const more = String(value).length - number.length
    return `{"":${'1'.repeat(more - 4)},"":${number}}`
  }
  for (const [number, value] of [
    ['1e9', 1e9],
    ['1e8', 1e8],
    ['1.2e11', 1.2e11],
    ['10e9', 10e9],
    ['1e19', 1e19],
    ['-1e9', -1e9],
    ['3e20', 3e20]
  ] as const) {
    const text = short(number, value)
    t.equal(JSON.stringify(JSON.parse(text)).length, text.length, text)
    t.equal(readPlainJson(text), undefined, text)
    t.match(read(text).once, { kind: 'refused', reason: /duplicate member/ }, text)
    const spaced = text.replace('1,', ',').replace(`:${number}`, `: ${number}`)
    t.equal(JSON.stringify(JSON.parse(spaced)).length, spaced.length, spaced)
    t.equal(readPlainJson(spaced), undefined, spaced)
  }
  t.end()
})

t.test('An exponent shortens no number that is not a multiple of 1,000', t => {
  for (let exponent = 0; exponent < 12; exponent += 1) {
    for (const mantissa of [
      '1',
      '12',
      '123',
      '1234',
      '1.2',
      '1.25',
      '12.5',
      '0.125',
      '120',
      '0.12'
    ]) {
      const text = `${mantissa}e${exponent}`
      const value = Number(text)
      if (!Number.isSafeInteger(value) || String(value).length <= text.length) continue
      t.equal(value % 1_000, 0, text)
    }
  }
  t.end()
})

t.test("JSON from Go's encoder takes the fast path", t => {
  const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  const list = (items: number) => `{"a":[${Array(items).fill('1').join()}]}`
  const plain = [
    '{}',
    '{"a":[],"b":{}}',
    '{"a":[1,"x",true,false,null],"é":"😀","constructor":{"":0}}',
    '{"a":8080,"b":-1,"c":9007199254740991,"d":1000,"e":0}',
    '{"k:{\\"name\\":\\"train\\"}":"C:\\\\a\\n\\t","/":"\\/"}',
    '{"a":"1e9"}\n',
    '{"a":"image:1e9","b":999}',
    '{"a":1e2}',
    nested(200),
    `{"a":${'['.repeat(199)}${']'.repeat(199)}}`,
    list(30_000)
  ]
  for (const text of plain) {
    t.ok(isDeepStrictEqual(readPlainJson(text), JSON.parse(text)), text.slice(0, 40))
  }
  const other = [
    '',
    '[]',
    '"{}"',
    '1',
    'null',
    '{"a":1',
    '{ }',
    '{"a":"\\u003c"}',
    '{"a":"\\u0061"}',
    '{"a":1}\n\n',
    '{"a":"image:1e9","b":1000}',
    '{"a":1000,"b":1e0}',
    '{"a":1e3}',
    '{"a":1,"a":1}',
    '{"__proto__":{}}',
    '{"a":[{"__proto__":1}]}',
    '{"a":-0}',
    '{"a":0.5}',
    '{"a":9007199254740992}',
    nested(201),
    nested(10_000),
    `{"a":${'['.repeat(200)}${']'.repeat(200)}}`,
    list(32_768)
  ]
  for (const text of other) t.equal(readPlainJson(text), undefined, text.slice(0, 40))
  t.end()
})
