import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { kindOf, member, stringifyJson } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { locateYaml, readYaml } from '../../common/yaml/read.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import { faultText } from '../fault-text.ts'

const read = (text: string): JsonValue => readYaml(text, { file: 'f.yaml' })[0]?.value ?? null
t.test('reads scalars as kubectl does', t => {
  const cases: readonly [string, string][] = [
    ['yes', 'true'],
    ['Off', 'false'],
    ['0777', '511'],
    ['0888', '888'],
    ['0o17', '15'],
    ['1_000', '1000'],
    ['12e4567', '"12e4567"'],
    ['0123456', '42798'],
    ['1:30', '"1:30"'],
    ['2001-01-01', '"2001-01-01"'],
    ['9007199254740993', '9007199254740993'],
    ['18446744073709551615', '18446744073709552000'],
    ['-0.0', '0'],
    ['1.0', '1'],
    ['~', 'null'],
    ['!!str 12', '"12"'],
    ['!!binary aGVsbG8=', '"hello"'],
    [
      '{y: 1, 0x10: 2, 1e40: 3, 16777217.0: 4, 3.14159265358979: 5, 0.00001: 6}',
      '{"16":2,"true":1,".inf":3,"1.6777216e+07":4,"3.1415927":5,"1e-05":6}'
    ],
    [
      '{a: &x {b: 1, c: 1}, d: {<<: *x, c: 2}, e: [*x]}',
      '{"a":{"b":1,"c":1},"d":{"c":2,"b":1},"e":[{"b":1,"c":1}]}'
    ]
  ]
  for (const [text, json] of cases) {
    t.equal(stringifyJson(member(read(`v: ${text}\n`), 'v') ?? null), json, text)
  }
  t.end()
})

/** Written so by many people and tools; kubectl reads it. */
const leftish: readonly (readonly [string, string])[] = [
  ['a:\n  args: [\n    "x",\n  ]\n  b: 1\n', '{"a":{"args":["x"],"b":1}}'],
  ['a:\n- c: {\n  d: 1,\n  e: [\n1, 2\n]\n  }\n- 2\n', '{"a":[{"c":{"d":1,"e":[1,2]}},2]}'],
  ["a:\n  b: 'one\n  two\n\n  three'\n  c: 1\n", '{"a":{"b":"one two\\nthree","c":1}}'],
  ['a:\n  b: "one \\\n  two"\n', '{"a":{"b":"one two"}}'],
  ['a: {\n}\n', '{"a":{}}'],
  ['a:\n    b: [x,\n  w, # why\n\n "z\n  z"]\n', '{"a":{"b":["x","w","z z"]}}']
]

t.test('lines inside brackets and quotes may start anywhere', t => {
  for (const [text, json] of leftish) t.equal(stringifyJson(read(text)), json, text)
  t.equal(
    faultText(() => read('a:\n  b: [\n  ]\n  c: d: e\n')),
    'f.yaml:4:7: not valid YAML: bad indentation of a mapping entry [YAML_INVALID]',
    'places are those of the file'
  )
  t.equal(
    faultText(() => read('a:\n  b: [\n  ]\n  b: 1\n')).split('\n')[0],
    'f.yaml:4:3: the key "b" is duplicated [YAML_DUPLICATE_KEY]'
  )
  t.match(
    faultText(() => read('a:\n  b: "x\n---\ny"\n')),
    /YAML_INVALID/,
    'a document ends within quotes'
  )
  const many = '\n# x\n{}\r\n---\n\n[1,\n2]\n--- a\n...\n---\n---\n  b: |\n   c\n\n---\nd'
  t.same(
    readYaml(many, { file: 'f' }).map(({ line }) => `f:${line}`),
    locateYaml(many, { file: 'f' }).map(({ where }) => where().replace(/:\d+$/, '')),
    'each of many is placed as one alone is'
  )
  t.match(readYaml('a: [\n1\n]\n---\nb: [\n1\n]\n', { file: 'f' }), [{ line: 1 }, { line: 5 }])
  t.match(
    faultText(() => read(`a: [\n${'1,\n'.repeat(200_000)}]`)),
    /no fault|YAML_INVALID/
  )
  t.end()
})

t.test('refuses what JSON cannot represent, with the place', t => {
  const twice = 'is duplicated [YAML_DUPLICATE_KEY]\n  remedy:   Keep one of the two.'
  const cases: readonly [string, string][] = [
    ['a: 1\na: 2', `f.yaml:2:1: the key "a" ${twice}`],
    ['a: .inf', 'f.yaml:1:4: infinity and NaN are not JSON values [YAML_INVALID]'],
    ['a: *x', 'f.yaml:1:5: an alias of an unknown anchor [YAML_INVALID]'],
    ['a: &x [*x]', 'f.yaml:1:9: an anchor contains an alias of itself [YAML_INVALID]'],
    ['__proto__: 1', 'f.yaml:1:1: the key "__proto__" is not accepted [YAML_INVALID]'],
    ['a: &x __proto__\n*x : 1', 'f.yaml:2:2: the key "__proto__" is not accepted [YAML_INVALID]'],
    ['a: &x image\nimage: good\n*x : evil', `f.yaml:3:2: the key *x ${twice}`],
    ['{[a]: 1}', 'f.yaml:1:2: a list or an object cannot be a mapping key [YAML_INVALID]'],
    ['~: 1', 'f.yaml:1:1: null cannot be a mapping key [YAML_INVALID]'],
    [
      'a: !x 1',
      'f.yaml:1:7: unknown YAML tag [YAML_INVALID]\n  expected: !!str, !!int, !!float, !!bool, !!null, !!binary, !!map or !!seq\n  remedy:   Remove the tag or quote the text.'
    ],
    ['a: !!int x', 'f.yaml:1:10: the text does not match its tag !!int [YAML_INVALID]'],
    [
      'a: !!binary /w==',
      'f.yaml:1:13: !!binary contains bytes that are not UTF-8 [YAML_INVALID]\n  remedy:   Use binaryData of a ConfigMap or data of a Secret with base64 text.'
    ],
    ['<<: 1', 'f.yaml:1:5: a merge key (<<) takes an object or a list of objects [YAML_INVALID]'],
    [
      'a: [',
      'f.yaml:1:5: not valid YAML: unexpected end of the stream within a flow collection [YAML_INVALID]'
    ]
  ]
  for (const [text, message] of cases)
    t.equal(
      faultText(() => read(text)),
      message,
      text
    )
  t.end()
})

t.test('bombs cost little: aliases, depth and five megabytes', t => {
  const laughs = Array.from(
    { length: 9 },
    (_, i) =>
      `a${i}: &a${i} [${
        i === 0
          ? 'x'
          : Array(9)
              .fill(`*a${i - 1}`)
              .join(',')
      }]`
  )
  t.match(
    faultText(() => read(laughs.join('\n'))),
    /aliases make the document too large \[YAML_TOO_LARGE\]/
  )
  t.match(
    faultText(() => read('['.repeat(5_000_000))),
    /nesting exceeded maxDepth/
  )
  t.end()
})

t.test('writes YAML that every reader reads back', t => {
  const value = {
    a: 'yes',
    b: '0123456',
    c: '12e4567',
    d: '',
    e: 'a: b',
    f: '#!/bin/sh\necho "hi"\n',
    g: ' x',
    h: 'line\n\n',
    i: [],
    j: {},
    k: [[1], [{ a: [null] }]],
    l: 9007199254740993n,
    m: '512Mi',
    y: 'no',
    n: 'it\'s "both"',
    o: '{"a":1}',
    p: 'a\u2028b',
    q: 1e21,
    r: '- x',
    s: 'x #y',
    t: '\ttab\n',
    u: 'é😀',
    v: '~',
    w: '=',
    x: 'a\n  b\n   \nc',
    z: '*a',
    ['k'.repeat(1100)]: 1
  }
  t.equal(stringifyJson(read(writeYaml(value))), stringifyJson(value))
  t.throws(() => writeYaml('\ud800'), { code: 'YAML_INVALID' })
  t.equal(
    writeYaml({ a: { b: ['x', { c: 1, d: 'p\nq' }] }, e: [] }),
    'a:\n  b:\n  - x\n  - c: 1\n    d: |-\n      p\n      q\ne: []\n'
  )
  const leaf = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(x => x + 0),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom(...readFileSync('test/common/awkward-scalars.txt', 'utf8').split('\n'))
  )
  const { tree } = fc.letrec<{ tree: JsonValue }>(tie => ({
    tree: fc.oneof(
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter(key => key !== '__proto__'),
        tie('tree'),
        { maxKeys: 4, noNullPrototype: true }
      )
    )
  }))
  fc.assert(
    fc.property(tree, value => stringifyJson(read(writeYaml(value))) === stringifyJson(value)),
    { seed: 7, numRuns: 500 }
  )
  t.end()
})

t.test('kinds and JSON text', t => {
  t.equal(
    stringifyJson({ b: [1n, { a: 'x' }], a: {} }, { indent: 2, sortKeys: true }),
    '{\n  "a": {},\n  "b": [\n    1,\n    {\n      "a": "x"\n    }\n  ]\n}'
  )
  t.same([undefined, null, [], {}, 1, 'x', true].map(kindOf), [
    'nothing',
    'null',
    'a list',
    'an object',
    'a number',
    'a string',
    'a boolean'
  ])
  t.end()
})

const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0

t.test('kubectl reads lines that start anywhere as we do', t => {
  if (!has('kubectl', 'version', '--client')) {
    t.comment(`SKIPPED, ${leftish.length} assertions: kubectl was not found`)
    t.end()
    return
  }
  for (const [text, json] of leftish) {
    const object = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n${text}`
    const args = ['annotate', '--local', '-f', '-', '-o', 'json', 'x=y']
    const printed = execFileSync('kubectl', args, { input: object, encoding: 'utf8' })
    t.equal(
      stringifyJson(
        { a: member(JSON.parse(printed) as JsonValue, 'a') ?? null },
        { sortKeys: true }
      ),
      json
    )
  }
  t.end()
})

t.test('kubectl and kustomize read every awkward scalar, and our output of it, as we do', t => {
  if (!has('kubectl', 'version', '--client')) {
    t.comment('SKIPPED, 2 assertions: kubectl was not found')
    t.end()
    return
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-oracle-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n'
  const ours: string[] = []
  for (const scalar of readFileSync('test/common/awkward-scalars.txt', 'utf8').split('\n')) {
    try {
      read(`v: ${scalar}\n`)
      if (!scalar.includes('\\ud83d') && !scalar.startsWith('!!int 3.0')) ours.push(scalar)
    } catch {
      continue
    }
  }
  const items = ours.map((scalar, at) => `v${at}: ${scalar}\n`).join('')
  const value = read(head + items)
  writeFileSync(path.join(folder, 'in.yaml'), head + items)
  writeFileSync(path.join(folder, 'out.yaml'), writeYaml(value))
  const seen = ['in.yaml', 'out.yaml'].map(file => {
    const args = ['annotate', '--local', '-f', path.join(folder, file), '-o', 'json', 'x=y']
    const read = JSON.parse(execFileSync('kubectl', args, { encoding: 'utf8' })) as {
      metadata: { annotations?: unknown }
    }
    delete read.metadata.annotations
    return read
  })
  const expected = JSON.parse(stringifyJson(value)) as object
  t.same(seen, [expected, expected])
  writeFileSync(path.join(folder, 'kustomization.yaml'), 'resources: [out.yaml]\n')
  const built = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' })
  t.same(JSON.parse(stringifyJson(read(built))), expected, 'kustomize keeps the meaning')
  t.end()
})

t.test('a document knows the line it starts on', t => {
  const documents = readYaml('a: 1\n---\n# note\nb: 2\n---\n- c\n', { file: 'f.yaml' })
  t.same(
    documents.map(({ line }) => line),
    [1, 4, 6]
  )
  t.end()
})
