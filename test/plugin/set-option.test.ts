import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { stringifyJson } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { parseSetOption } from '../../plugin/values/set-option.ts'
import { parseKeyPath, setAt } from '../../plugin/values/key-path.ts'

const set = (text: string, values: JsonObject = {}) =>
  stringifyJson(
    parseSetOption(text).reduce((below, { keys, value }) => setAt(below, keys, value, ''), values),
    { sortKeys: true }
  )

/** What helm 3.22 makes of each, without the nulls of objects, which Helm removes later. */
const cases: readonly [string, string][] = [
  ['a=1,b=2', '{"a":1,"b":2}'],
  ['a=1,', '{"a":1}'],
  ['a=,b=', '{"a":"","b":""}'],
  ['l[0]=x', '{"l":["x"]}'],
  ['l[2]=x', '{"l":[null,null,"x"]}'],
  ['l={x,y}', '{"l":["x","y"]}'],
  ['l={x}', '{"l":["x"]}'],
  ['l={}', '{"l":[""]}'],
  ['l={a,}', '{"l":["a",""]}'],
  ['l={x,y},b=1', '{"b":1,"l":["x","y"]}'],
  ['a={1,true,x\\,y}', '{"a":[1,true,"x,y"]}'],
  ['a={null,1}', '{"a":[null,1]}'],
  ['a=x\\,y', '{"a":"x,y"}'],
  ['a\\.b=1', '{"a.b":1}'],
  ['a\\[0\\]=1', '{"a[0]":1}'],
  ['a=\\{x\\}', '{"a":"{x}"}'],
  ['a=b=c', '{"a":"b=c"}'],
  ['a.b[1].c=v', '{"a":{"b":[null,{"c":"v"}]}}'],
  ['l[0][1]=x', '{"l":[[null,"x"]]}'],
  ['l[0].a=1,l[0].b=2,l[1].a=3', '{"l":[{"a":1,"b":2},{"a":3}]}'],
  ['a[0]={1,2}', '{"a":[[1,2]]}'],
  ['a[0].b[1]={x,y}', '{"a":[{"b":[null,["x","y"]]}]}'],
  ['l[0]=null', '{"l":[null]}'],
  [
    'a=TRUE,b=False,c=0,d=00,e=+5,f=-5,g=-0,h=1.5',
    '{"a":true,"b":false,"c":0,"d":"00","e":5,"f":-5,"g":0,"h":"1.5"}'
  ],
  [
    'a=9223372036854775807,b=9223372036854775808',
    '{"a":9223372036854775807,"b":"9223372036854775808"}'
  ],
  ['a= 5', '{"a":" 5"}']
]

t.test("--set takes Helm's forms", t => {
  for (const [text, json] of cases) t.equal(set(text), json, text)
  t.equal(set('a=null,c=null', { a: 1, b: 2 }), '{"b":2}', 'null removes')
  t.equal(set('l[1]=x,l[3]=y', { l: [1, 2] }), '{"l":[1,"x",null,"y"]}')
  t.equal(set('l[0].a=1', { l: [{ b: 2 }] }), '{"l":[{"a":1,"b":2}]}')
  t.end()
})

t.test('--set refuses other forms without the value', t => {
  const name = '--set needs a name and a value, such as --set image.tag=v1'
  const index =
    '--set: the index of a list must be a number from 0 to 65536, such as --set list[0]=x'
  const wrong: readonly [string, string][] = [
    ...[
      'a',
      '=s',
      ',a=1',
      'a=1,,b=2',
      'a,b=1',
      '.a=1',
      'a.=1',
      'a..b=1',
      'l[0]',
      'l[0]x=1',
      'a.b.c',
      '',
      '[0]=x',
      'a=1,b',
      'l={{a,b},{c}}'
    ].map((text): [string, string] => [text, name]),
    ...['l[-1]=x', 'l[x]=1', 'l[]=1', 'l[0=1', 'l[65537]=x', 'l[1e3]=x'].map(
      (text): [string, string] => [text, index]
    ),
    ...['l={x,y', 'l={x}y', 'l={x,y}z=1'].map((text): [string, string] => [
      text,
      '--set: a list must end with }, such as --set list={x,y}'
    ]),
    ['a=x\\', '--set: a backslash at the end; write \\\\ for a backslash'],
    ['__proto__.x=secret', '"__proto__.x" is not a value path'],
    ['a.constructor=secret', '"a.constructor" is not a value path']
  ]
  for (const [text, message] of wrong) t.throws(() => set(text), { message }, text)
  t.throws(() => set('l.a=1', { l: [] }), { message: '"l" is not an object' })
  t.throws(() => set('l[0].a[1]=1', { l: [{ a: 'x' }] }), { message: '"a" is not a list' })
  t.throws(() => set('a.b[0]=1', { a: 's' }), { message: '"a" is not an object' })
  t.end()
})

const hasHelm = spawnSync('helm', ['version']).status === 0

t.test('helm makes the same of each', { skip: !hasHelm }, t => {
  const chart = mkdtempSync(path.join(tmpdir(), 'mlgitops-set-'))
  mkdirSync(path.join(chart, 'templates'))
  writeFileSync(path.join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: c\nversion: 1.0.0\n')
  writeFileSync(path.join(chart, 'templates/a.yaml'), 'd: {{ .Values | toJson | squote }}\n')
  t.teardown(() => {
    rmSync(chart, { recursive: true })
  })
  for (const [text, json] of cases) {
    const { stdout } = spawnSync('helm', ['template', 'r', chart, '--set', text], {
      encoding: 'utf8'
    })
    t.equal(/^d: '(.*)'$/m.exec(stdout)?.[1], json, text)
  }
  t.end()
})

t.test('names of parameters take indices, and refuse other brackets', t => {
  const paths: readonly [string, readonly (string | number)[]][] = [
    ['a.list[0][12].b', ['a', 'list', 0, 12, 'b']],
    ['list[65536]', ['list', 65_536]],
    ['a\\[0\\].b', ['a[0]', 'b']]
  ]
  for (const [text, keys] of paths) t.same(parseKeyPath(text, ''), keys, text)
  for (const text of ['list[65537]', 'list[0]x', 'list[-1]', 'list[a]', 'list[]', 'list[0', 'a]']) {
    t.throws(
      () => parseKeyPath(text, 'p'),
      {
        code: 'VALUES_KEY',
        message: `"${text}" is not a value path`,
        details: { where: 'p', expected: /an index from 0 to 65536 at the end of a key/ }
      },
      text
    )
  }
  t.end()
})
