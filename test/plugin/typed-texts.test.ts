import t from 'tap'
import { run } from '../../bin/run.ts'
import { member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { configMap, objects, render, TestRepository } from './repository.ts'

const properties = {
  canary: { type: 'boolean' },
  replicas: { type: 'integer', minimum: 2 },
  ratio: { type: 'number' },
  version: { type: 'string' },
  port: { $ref: '#/$defs/port' },
  target: { anyOf: [{ type: 'integer', minimum: 10 }, { type: 'string' }] },
  level: { enum: [1, 2, 'auto'] },
  any: {},
  ports: { type: 'array', items: { $ref: '#/$defs/port' } },
  limits: { type: 'object', additionalProperties: { type: 'integer' } },
  env: {
    type: 'array',
    items: { properties: { on: { type: 'boolean' }, value: { type: 'string' } } }
  },
  image: { allOf: [{ properties: { tag: { type: 'string' }, pull: { type: 'boolean' } } }] },
  flags: { patternProperties: { '^is': { type: 'boolean' } } }
}
const repository = new TestRepository({
  'app/values.schema.json': JSON.stringify({
    $defs: { port: { type: ['integer', 'null'], maximum: 65535 } },
    properties
  }),
  'app/x.yaml': configMap(
    Object.keys(properties)
      .map(name => `${name}: "{{ .Values.${name} | default nil | toJson }}"`)
      .join('\n  ')
  ),
  'plain/x.yaml': configMap(
    'v: "{{#if .Values.canary}}on{{else}}off{{/if}}"\n  w: "{{ not .Values.canary }}"'
  )
})
t.teardown(() => {
  repository.remove()
})
const commit = repository.git('rev-parse', 'HEAD')

function underArgocd(app: string, env: Readonly<Record<string, string>>) {
  const facts = { ARGOCD_APP_REVISION: commit, ARGOCD_APP_SOURCE_PATH: app }
  const folder = `${repository.folder}/${app}`
  return run({ args: ['render', '.'], env: { ...facts, ...env }, folder })
}

const byParameters = (...list: readonly JsonValue[]) =>
  underArgocd('app', { ARGOCD_APP_PARAMETERS: JSON.stringify(list) })

interface Result {
  readonly stdout: string
  readonly stderr: string
}

/** What the template read for a name, as JSON; else the message. */
function read({ stdout, stderr }: Result, name: string): JsonValue | undefined {
  return stdout === '' ? stderr : member(member(objects(stdout)[0], 'data'), name)
}

/** The name, the text and the value as JSON; undefined: the schema refuses it. */
const texts: readonly [string, string, string | undefined][] = [
  ['canary', 'false', 'null'],
  ['canary', 'true', 'true'],
  ['canary', 'no', undefined],
  ['replicas', '3', '3'],
  ['replicas', '1', undefined],
  ['replicas', '03', undefined],
  ['replicas', '3.5', undefined],
  ['replicas', '9223372036854775807', '9223372036854775807'],
  ['replicas', '9223372036854775808', undefined],
  ['ratio', '0.25', '0.25'],
  ['ratio', '1e-3', '0.001'],
  ['ratio', '0.12345678901234567890', undefined],
  ['version', '1.10', '"1.10"'],
  ['version', 'true', '"true"'],
  ['version', '7', '"7"'],
  ['port', '8080', '8080'],
  ['port', 'null', 'null'],
  ['port', '70000', undefined],
  ['port', 'http', undefined],
  ['target', '80', '80'],
  ['target', '5', '"5"'],
  ['target', 'http', '"http"'],
  ['level', '2', '2'],
  ['level', 'auto', '"auto"'],
  ['level', '3', undefined],
  ['ports', '[1,2]', '[1,2]'],
  ['limits', '{"a":1}', '{"a":1}'],
  ['limits', '{"a":"x"}', undefined],
  ['env[0].on', 'true', '[{"on":true}]'],
  ['image.tag', '7', '{"tag":"7"}'],
  ['image.pull', 'false', '{"pull":false}'],
  ['flags.isOn', 'true', '{"isOn":true}']
]

t.test('parameters, plugin variables and --set have the type of the schema', async t => {
  const escaped = (text: string) => text.replace(/[,{}[\]]/g, '\\$&')
  for (const [name, text, json] of texts) {
    const results = [
      await byParameters({ name, string: text }),
      await render(repository.folder, 'app', '--set', `${name}=${escaped(text)}`),
      ...(/^[\w.]+$/.test(name)
        ? [await underArgocd('app', { [`ARGOCD_ENV_${name.replaceAll('.', '__')}`]: text })]
        : [])
    ]
    for (const result of results) {
      const found = read(result, name.replace(/[.[].*/, ''))
      if (json !== undefined) t.equal(found, json, `${name}=${text}`)
      else t.match(found, /values\.schema\.json: the values do not match the schema/, text)
    }
  }
})

t.test('numbers in JSON keep their digits, or are an error that names the parameter', async t => {
  const wide = { type: 'array', items: { type: ['integer', 'number'] } }
  repository.write({
    'wide/values.schema.json': JSON.stringify({ properties: { wide } }),
    'wide/x.yaml': configMap('wide: "{{ toJson .Values.wide }}"')
  })
  const set = (text: string) => render(repository.folder, 'wide', '--set', `wide=\\[${text}]`)
  t.equal(read(await set('18446744073709551615'), 'wide'), '[18446744073709551615]')
  t.equal(
    read(await set('18446744073709551616'), 'wide'),
    'mlgitops: --set: a number has more digits than a 64-bit number keeps [YAML_INVALID]\n  remedy:   Put it in quotes.\n'
  )
})

t.test('items of lists and maps have theirs', async t => {
  const result = await byParameters(
    { name: 'ports', array: ['80', '443'] },
    { name: 'limits', map: { a: '1', b: '2' } },
    { name: 'any', string: 'false' }
  )
  t.equal(read(result, 'ports'), '[80,443]')
  t.equal(read(result, 'limits'), '{"a":1,"b":2}')
  t.equal(read(result, 'any'), '"false"', 'without a type it stays text')
  t.equal(
    read(await render(repository.folder, 'app', '--set', 'ports={80,null},any=1'), 'ports'),
    '[80,null]'
  )
  t.equal(read(await render(repository.folder, 'app', '--set', 'any=1'), 'any'), '1')
})

t.test('a block that tests a word such as "false" is a warning', async t => {
  for (const word of ['false', 'no', 'off', '0', 'False', 'OFF']) {
    const { stdout, stderr, exitCode } = await underArgocd('plain', { ARGOCD_ENV_canary: word })
    const advice =
      'which is true: give it the type boolean in values.schema.json, or compare it with eq'
    t.equal(
      stderr.replace(/mlgitops: not attested.*\n/, ''),
      `mlgitops: warning: x.yaml:6:13: .Values.canary is the string "${word}", ${advice}\n` +
        `mlgitops: warning: x.yaml:7:14: .Values.canary is the string "${word}", ${advice}\n`
    )
    t.match(stdout, /v: "?on"?\n/)
    t.equal(exitCode, 0)
  }
  for (const args of [['--set', 'canary=false'], ['--set', 'canary=yes'], []])
    t.notMatch((await render(repository.folder, 'plain', ...args)).stderr, /warning/)
})

t.test('every construct that tests for truth warns, once for each place', async t => {
  const tests: readonly [string, number][] = [
    ['{{#if .Values.w}}1{{/if}}', 1],
    ['{{#unless .Values.w}}1{{/unless}}2', 1],
    ['{{#with .Values.w}}1{{/with}}', 1],
    ['{{#if .Values.x}}{{else if .Values.w}}1{{/if}}', 1],
    ['{{#if (and true .Values.w)}}1{{/if}}', 1],
    ['{{#if (or .Values.w true)}}1{{/if}}', 1],
    ['{{ not .Values.w }}', 1],
    ['{{#if (default true .Values.w)}}1{{/if}}', 1],
    ['{{#if (eq .Values.w "off")}}1{{/if}}', 0],
    ['{{#each .Values.l}}{{#if $.Values.w}}1{{/if}}{{/each}}', 1],
    ['{{ .Values.w }}', 0]
  ]
  repository.write({ 'words/values.yaml': 'w: "off"\nl: [1, 2]\n' })
  for (const [text, warnings] of tests) {
    repository.write({ 'words/x.yaml': configMap(`v: "${text.replaceAll('"', "'")}"`) })
    const { stderr } = await render(repository.folder, 'words')
    const found = stderr.match(/warning: words\/x\.yaml:6:\d+: .* is the string "off"/g) ?? []
    t.equal(found.length, warnings, `${text} ${stderr}`)
  }
})
