import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { RE2JS } from 're2js'
import t from 'tap'
import { describeFault, Fault } from '../../common/fault.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { compileSimple } from '../../plugin/values/json-schema/simple-pattern.ts'
import { schemaFindings } from '../../plugin/values/json-schema/validate.ts'

const findings = async (schema: JsonObject, value: JsonValue) => {
  try {
    const findings = await schemaFindings(schema, value)
    return findings.map(({ path, demand }) => `${path} ${demand}`).join('; ')
  } catch (error) {
    if (error instanceof Fault) return describeFault(error).split('\n').join('')
    throw error
  }
}

t.test('a finding has a path and a demand, but no value', async t => {
  const cases: readonly [JsonObject, JsonValue, string][] = [
    [{ type: ['integer', 'null'] }, 's3cret', ' must be integer or null'],
    [{ properties: { a: { type: 'integer' } } }, { a: 1n << 60n }, ''],
    [{ properties: { a: { items: { maximum: 2 } } } }, { a: [1, 3] }, '.a.1 must be at most 2'],
    [{ enum: ['a', 1] }, 'b', ' must be one of "a", 1'],
    [{ const: { a: [1] } }, { a: [1.0] }, ''],
    [{ required: ['a', 'b'] }, { a: 1 }, ' must have "b"'],
    [{ minLength: 2 }, '\u{1f600}', ' must have at least 2 characters'],
    [{ multipleOf: 0.01 }, 4.35, ''],
    [{ multipleOf: 7 }, 9007199254740993n, ' must be a multiple of 7'],
    [
      { uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 }
      ],
      ' must not have duplicate items'
    ],
    [{ additionalProperties: false, properties: { a: {} } }, { b: 1 }, '.b is not allowed'],
    [{ patternProperties: { '^x': { type: 'string' } } }, { x1: 1, y: 1 }, '.x1 must be string'],
    [{ propertyNames: { maxLength: 1 } }, { ab: 1 }, '.ab must have at most 1 characters'],
    [{ oneOf: [{}, {}] }, 1, ' must match exactly one schema in oneOf, and matches 2'],
    [{ not: { type: 'number' } }, 1, ' must not match the schema in not'],
    [
      { if: { required: ['a'] }, then: { required: ['b'] }, else: { required: ['c'] } },
      { a: 1 },
      ' must have "b"'
    ],
    [
      { contains: { const: 1 }, maxContains: 1 },
      [1, 1],
      ' must have at most 1 items that match contains'
    ],
    [{ dependentRequired: { a: ['b'] } }, { a: 1 }, ' must have "b"'],
    [
      { allOf: [{ properties: { a: {} } }], unevaluatedProperties: false },
      { a: 1, b: 1 },
      '.b is not allowed'
    ],
    [{ items: [{ type: 'string' }], additionalItems: false }, ['a', 1], '.1 is not allowed'],
    [{ format: 'email' }, 'x', '']
  ]
  for (const [schema, value, expected] of cases)
    t.equal(await findings(schema, value), expected, JSON.stringify(schema))
})

t.test('references are resolved in the file only', async t => {
  const bundle = {
    properties: { a: { $ref: 'other.json#/$defs/n' }, b: { $ref: '#anchored' } },
    $defs: {
      one: { $id: 'other.json', $defs: { n: { type: 'integer' } } },
      two: { $anchor: 'anchored', type: 'string' }
    }
  }
  t.equal(await findings(bundle, { a: 'x', b: 1 }), '.a must be integer; .b must be string')
  const tree = { properties: { next: { $ref: '#' }, v: { type: 'integer' } } }
  t.equal(await findings(tree, { next: { next: { v: 'x' } } }), '.next.next.v must be integer')
  const cases: readonly [JsonObject, string][] = [
    [
      { $ref: 'https://example.com/x.json' },
      '$ref "https://example.com/x.json" does not exist in the file'
    ],
    [{ $ref: '#/nope' }, '$ref "#/nope" does not exist in the file'],
    [{ $ref: '#/%FF' }, '$ref "#/%FF" does not exist in the file'],
    [
      { $ref: '#/allOf/01', allOf: [true, { type: 'string' }] },
      '$ref "#/allOf/01" does not exist in the file'
    ],
    [{ $ref: '#/constructor' }, '$ref "#/constructor" does not exist in the file'],
    [{ $ref: '#' }, 'schemas are nested too deeply, or refer to themselves without end'],
    [
      { type: 'nope' },
      'type: expected null, boolean, object, array, number, integer, string, or a list of these'
    ],
    [{ properties: { a: { minLength: -1 } } }, 'minLength: expected a non-negative integer'],
    [
      { not: { pattern: '(?=a)' } },
      'pattern "(?=a)": error parsing regexp: invalid or unsupported Perl syntax: `(?=`'
    ],
    [
      {
        $dynamicRef: '#x',
        $defs: { a: { $dynamicAnchor: 'x' }, b: { $id: 'b', $dynamicAnchor: 'x' } }
      },
      'duplicate $dynamicAnchor'
    ]
  ]
  for (const [schema, found] of cases) {
    const expected = `the schema is invalid [VALUES_SCHEMA_INVALID]  found:    ${found}`
    t.equal(await findings(schema, {}), expected)
  }
  let bomb: JsonObject = { type: 'integer' }
  for (let depth = 0; depth < 30; depth++) bomb = { anyOf: [bomb, bomb] }
  t.match(await findings(bomb, 'x'), /validation takes too many steps/)
})

t.test('a value can have more findings than a call has arguments', async t => {
  const list = Array.from({ length: 190_000 }, () => 1)
  const schema = { allOf: [{ properties: { list: { items: { type: 'string' } } } }] }
  t.equal((await schemaFindings(schema, { list })).length, 190_000)
})

t.test('a simple pattern matches what RE2 matches', t => {
  const atom = fc.constantFrom(
    'a',
    'b',
    '-',
    '.',
    '\\.',
    '\\d',
    '[a-c]',
    '[^b]',
    '[-b]',
    '[\\w.]',
    '^',
    '$',
    'é'
  )
  const times = fc.constantFrom('', '', '?', '*', '+', '{2}', '{0,2}', '{1,}', '+?')
  const { pattern } = fc.letrec<{ pattern: string }>(tie => ({
    pattern: fc
      .array(
        fc.tuple(
          fc.oneof(
            { depthSize: 'small', withCrossShrink: true },
            atom,
            tie('pattern').map(inner => `(${inner})`)
          ),
          times
        ),
        { maxLength: 4 }
      )
      .chain(parts =>
        fc.constantFrom('', '|').map(separator => parts.map(part => part.join('')).join(separator))
      )
  }))
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'c', '-', '.', '1', 'é', '\n'),
    maxLength: 6
  })
  let simple = 0
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 5, maxLength: 5 }), (source, samples) => {
      const ours = compileSimple(source)
      if (ours === undefined) return true
      simple++
      const theirs = RE2JS.compile(source)
      return samples.every(sample => ours(sample) === theirs.matcher(sample).find())
    }),
    { seed: 3, numRuns: 1500 }
  )
  t.ok(simple > 1200, `${simple} of 1500 were simple`)
  const odd = [
    'a**',
    'a{2,1}',
    '(?=a)',
    '(?i)a',
    '\\pL',
    '\\b',
    '[[:alpha:]]',
    '[]a]',
    'a{999}',
    '(',
    'a)',
    '[b-a]',
    '{',
    '\\',
    'a{1',
    '[a'
  ]
  for (const each of odd) t.equal(compileSimple(each), undefined, each)
  t.equal(compileSimple('^(a+)+$')?.(`${'a'.repeat(20_000)}b`), false, 'in linear time')
  t.end()
})

t.test('values are accepted and refused as by ajv', async t => {
  const leaf = fc.oneof(
    fc.constantFrom<JsonValue>(null, true, 0, 1, 1.5, -3, '', 'a', 'ab', 'b1'),
    fc.constantFrom<JsonValue>([], {}, [1, 'a'], [1, 1], { a: 1 }, { a: 'a', b: [1] })
  )
  const value = fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c1'), leaf, { noNullPrototype: true })
  )
  const { schema } = fc.letrec<{ schema: unknown }>(tie => {
    const some = tie('schema')
    const map = fc.dictionary(fc.constantFrom('a', 'b'), some, {
      noNullPrototype: true,
      maxKeys: 2
    })
    const list = fc.array(some, { minLength: 1, maxLength: 2 })
    const count = fc.nat(3)
    const keywords = {
      type: fc.constantFrom('object', 'array', 'string', 'integer', ['number', 'null']),
      enum: fc.uniqueArray(leaf, {
        minLength: 1,
        maxLength: 3,
        selector: item => JSON.stringify(item)
      }),
      const: leaf,
      minimum: count,
      exclusiveMaximum: count,
      multipleOf: fc.constantFrom(1, 2, 0.5),
      maxLength: count,
      pattern: fc.constantFrom('^a', 'b1?$', '^[a-z]+$'),
      minItems: count,
      uniqueItems: fc.boolean(),
      maxProperties: count,
      required: fc.uniqueArray(fc.constantFrom('a', 'b'), { maxLength: 2 }),
      properties: map,
      patternProperties: fc.dictionary(fc.constantFrom('^a', '1$'), some, {
        noNullPrototype: true,
        maxKeys: 2
      }),
      additionalProperties: some,
      unevaluatedProperties: some,
      propertyNames: some,
      prefixItems: list,
      items: some,
      unevaluatedItems: some,
      contains: some,
      allOf: list,
      anyOf: list,
      oneOf: list,
      not: some,
      if: some,
      then: some,
      else: some,
      dependentSchemas: map
    }
    const one = fc
      .record(keywords, { requiredKeys: [] })
      .chain(all =>
        fc
          .subarray(Object.keys(all), { maxLength: 3 })
          .map(kept =>
            Object.fromEntries(Object.entries(all).filter(([key]) => kept.includes(key)))
          )
      )
    return { schema: fc.oneof({ depthSize: 'small', maxDepth: 3 }, fc.boolean(), one) }
  })
  const object = schema.filter(made => typeof made === 'object')
  const verdicts = { fits: 0, misfits: 0 }
  await fc.assert(
    fc.asyncProperty(
      object,
      fc.array(value, { minLength: 4, maxLength: 4 }),
      async (made, samples) => {
        const ajv = new Ajv2020({ strict: false, validateSchema: false, meta: false })
        const theirs = ajv.compile(made as JsonObject)
        for (const sample of samples) {
          const findings = await schemaFindings(made as JsonObject, sample)
          verdicts[findings.length === 0 ? 'fits' : 'misfits']++
          if ((findings.length === 0) !== theirs(sample))
            throw new Error(
              `${JSON.stringify(made)} ${JSON.stringify(sample)} ${JSON.stringify(findings)}`
            )
        }
      }
    ),
    { seed: 5, numRuns: 250 }
  )
  t.ok(verdicts.fits > 100 && verdicts.misfits > 100, JSON.stringify(verdicts))
})
