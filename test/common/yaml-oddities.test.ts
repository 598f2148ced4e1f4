import { spawnSync } from 'node:child_process'
import t from 'tap'
import { Fault } from '../../common/fault.ts'
import type { JsonValue } from '../../common/json.ts'
import { member, stringifyJson } from '../../common/json.ts'
import { locateYaml } from '../../common/yaml/read.ts'

/** What the fuzz run found (`npm run fuzz`), by text: the JSON that kubectl 1.32 reads. */
const read: readonly [string, string][] = [
  ['a: |\n  x', '{"a":"x\\n"}'],
  ['a: |+\n  x\n   ', '{"a":"x\\n \\n"}'],
  ['a: >+\n  b\n  c\n\n ', '{"a":"b c\\n\\n\\n"}'],
  ['a: |-\n  x', '{"a":"x"}'],
  ['a: [x, ":y", http://z]', '{"a":["x",":y","http://z"]}'],
  ['a: {b : [c], "d":[e]}', '{"a":{"b":["c"],"d":["e"]}}'],
  ['a: ?b\nc: [d?]', '{"a":"?b","c":["d?"]}'],
  ['a:\n  b: [\nc,\nd]\n', '{"a":{"b":["c","d"]}}']
]

/** What kubectl reads in another way than YAML 1.2. */
const refused: readonly [string, string][] = [
  [' ---\na: 1\n', 'the first document marker (---) is indented'],
  ['a: [b:, c]', 'a colon is followed by a comma, a bracket or a brace'],
  ['a: [b:]', 'a colon is followed by a comma, a bracket or a brace'],
  ['a: {b:}', 'a colon is followed by a comma, a bracket or a brace'],
  ['a: {b:[c]}', 'a colon is followed by a comma, a bracket or a brace'],
  ['a: {b: 1, c:{d: 1}}', 'a colon is followed by a comma, a bracket or a brace'],
  ['a: [?b]', 'text in brackets starts with a question mark'],
  ['a: "b\\\n\n  c"', 'a blank line follows an escaped line break'],
  ['a: &b-c?d\n', 'an anchor has a name that kubectl does not read'],
  ['a: {b: ?c}', 'text in brackets starts with a question mark'],
  ['a: !!seq [?b]', 'text in brackets starts with a question mark'],
  ['a: |-\n  b\nc:\t[d]\n', 'not valid YAML: deficient indentation'],
  ['a: |-2\n   b\nc: {d: \te\n  }\n', 'not valid YAML: deficient indentation']
]

t.test('what a text means to kubectl', t => {
  for (const [text, json] of read) {
    t.equal(stringifyJson(locateYaml(text, { file: 'f' })[0]?.value ?? null), json, text)
  }
  t.end()
})

t.test('kubectl reads the same', t => {
  if (spawnSync('kubectl', ['version', '--client']).status !== 0) {
    t.comment(`SKIPPED, ${read.length} assertions: kubectl was not found`)
    t.end()
    return
  }
  const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n'
  for (const [text, json] of read.filter(([text]) => !text.includes('d?'))) {
    const args = ['annotate', '--local', '-f', '-', '-o', 'json', 'x=y']
    const { stdout } = spawnSync('kubectl', args, { input: head + text, encoding: 'utf8' })
    const value = JSON.parse(stdout) as JsonValue
    const own = Object.keys(JSON.parse(json) as object).map(key => [key, member(value, key)])
    t.same(Object.fromEntries(own), JSON.parse(json), text)
  }
  t.end()
})

t.test('what kubectl reads in another way is an error', t => {
  for (const [text, message] of refused) {
    const expected = new Fault('YAML_INVALID', message)
    t.throws(() => locateYaml(text, { file: 'f' }), expected, text)
  }
  t.end()
})
