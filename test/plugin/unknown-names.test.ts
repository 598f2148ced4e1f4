import t from 'tap'
import { Fault, describeFault } from '../../common/fault.ts'
import { stringifyJson } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { renderTemplate } from '../../plugin/template/render-template.ts'

const values: JsonObject = {
  production: true,
  on: false,
  image: { tag: 'v1', pullPolicy: 'Always' },
  models: [{ name: 'a', gpu: true }, { name: 'b' }],
  words: ['x'],
  env: [{ name: 'A', value: '1' }, { name: 'B' }],
  'odd key': 1
}
const render = (text: string): string => {
  try {
    const documents = renderTemplate('t.yaml', text, { values, variables: {} })
    return stringifyJson(documents.map(({ value }) => value))
  } catch (error) {
    if (error instanceof Fault) return describeFault(error)
    throw error
  }
}

const unknown: readonly [string, string, string?][] = [
  ['{{#if production}}a: on{{else}}a: off{{/if}}', 'production', '.Values.production'],
  ['{{#unless production}}a: on{{/unless}}', 'production', '.Values.production'],
  ['{{#with production}}a: on{{else}}a: off{{/with}}', 'production', '.Values.production'],
  ['{{#each models}}a: on{{else}}a: off{{/each}}', 'models', '.Values.models'],
  ['{{#if .Values.on}}{{else if production}}a: on{{/if}}', 'production', '.Values.production'],
  ['a: {{ default "x" production }}', 'production', '.Values.production'],
  ['a: {{ productoin | default "x" }}', 'productoin', '.Values.production'],
  ['a: {{ and .Values.on production }}', 'production', '.Values.production'],
  ['a: {{ or .Values.production production }}', 'production', '.Values.production'],
  ['a: {{ not Production }}', 'Production', '.Values.production'],
  ['a: {{ empty .production }}', '.production', '.Values.production'],
  ['a: {{ coalesce image.tag "x" }}', 'image.tag', '.Values.image.tag'],
  ['a: {{ required "x" tag }}', 'tag', '.Values.image.tag'],
  ['a: {{ ternary 1 2 production }}', 'production', '.Values.production'],
  ['a: {{ not .values.on }}', '.values.on', '.Values.on'],
  ['a: {{ not values.on }}', 'values.on', '.Values.on'],
  ['a: {{ not .Value.on }}', '.Value.on', '.Values.on'],
  ['a: {{ not $.production }}', '$.production', '.Values.production'],
  ['a: {{ not $.values.production }}', '$.values.production', '.Values.production'],
  ['a: {{ not @root.production }}', '@root.production', '.Values.production'],
  ['a: {{ not this.production }}', 'this.production', '.Values.production'],
  ['a: {{ not ../production }}', '../production', '.Values.production'],
  ['{{#if @first}}a: 1{{/if}}', '@first'],
  ['{{#with .Values.image}}{{#if @first}}a: 1{{/if}}{{/with}}', '@first'],
  ['{{#each .Values.words}}{{#if @frist}}a: 1{{/if}}{{/each}}', '@frist', '@first'],
  [
    '{{#each .Values.words}}{{#if production}}a: 1{{/if}}{{/each}}',
    'production',
    '.Values.production'
  ],
  ['{{#each .Values.words}}{{#if .on}}a: 1{{/if}}{{/each}}', '.on', '.Values.on'],
  ['{{#each .Values.words as |word|}}{{#if wrod}}a: 1{{/if}}{{/each}}', 'wrod', 'word'],
  ['{{#each .Values.models as |model|}}{{#if modle.gpu}}a: 1{{/if}}{{/each}}', 'modle.gpu'],
  ['{{#each .Values.models as |m i|}}{{#if gpus}}a: 1{{/if}}{{/each}}', 'gpus', 'gpu'],
  [
    '{{#with .Values.image}}{{#if production}}a: 1{{/if}}{{/with}}',
    'production',
    '.Values.production'
  ],
  ['{{#with .Values.image}}{{#if .values.on}}a: 1{{/if}}{{/with}}', '.values.on', '.Values.on'],
  [
    '{{#with .Values.image}}{{#if ../production}}a: 1{{/if}}{{/with}}',
    '../production',
    '.Values.production'
  ],
  ['{{#with .Values.image}}{{#if ../../x}}a: 1{{/if}}{{/with}}', '../../x'],
  [
    '{{#with .Values.image}}{{#each .Values.models}}{{#if tag}}a: 1{{/if}}{{/each}}{{/with}}',
    'tag',
    '../tag'
  ],
  ['{{#if zzzzzz}}a: 1{{/if}}', 'zzzzzz'],
  ['{{#if name}}a: 1{{/if}}', 'name']
]

t.test('a name that cannot exist is an error with the nearest name', t => {
  for (const [text, name, nearest] of unknown) {
    const message = render(text)
    const [first, found, ...rest] = message.split('\n')
    t.match(first ?? '', /^t\.yaml:1:\d+: no value for .+ \[TEMPLATE_VALUE_MISSING\]$/, text)
    t.ok(first?.includes(`no value for ${name} [`), text)
    t.equal(found, '  found:    unknown name')
    const expected = rest.filter(line => line.startsWith('  expected:'))
    t.same(expected, nearest === undefined ? [] : [`  expected: such as ${nearest}`], text)
  }
  t.end()
})

t.test('a key of a list or of a text is an error, also where it is tested', t => {
  const cases: readonly [string, string][] = [
    ['{{#if .Values.models.length}}a: 1{{/if}}', '.Values.models is a list'],
    ['{{#if .Values.models.name}}a: 1{{/if}}', '.Values.models is a list'],
    ['{{#if .Values.image.tag.length}}a: 1{{/if}}', '.Values.image.tag is a string'],
    ['a: {{ .Values.image.tag.name | default "x" }}', '.Values.image.tag is a string'],
    ['a: {{ not .Values.production.x }}', '.Values.production is a boolean'],
    ['a: {{#with .Values.image}}{{#if tag.length}}1{{/if}}{{/with}}', 'tag is a string'],
    [
      'a: {{#each .Values.models as |m|}}{{#if m.name.length}}1{{/if}}{{/each}}',
      'm.name is a string'
    ],
    ['a: {{#with .Values.models as |m|}}{{#if m.length}}1{{/if}}{{/with}}', 'm is a list'],
    ['a: {{#with .Values.models}}{{#if this.length}}1{{/if}}{{/with}}', 'this is a list']
  ]
  const remedy =
    'Test the list or the text itself, which is false if it is empty; the items of a list are .0, .1 and so on.'
  for (const [text, found] of cases) {
    const [first, ...rest] = render(text).split('\n')
    t.match(first, /^t\.yaml:1:\d+: no value for .+ \[TEMPLATE_VALUE_MISSING\]$/, text)
    t.same(rest, [`  found:    ${found}`, `  remedy:   ${remedy}`], text)
  }
  t.equal(
    render('a: {{#with .Values.models}}{{#if length}}1{{/if}}{{/with}}').split('\n')[1],
    '  found:    unknown name'
  )
  t.end()
})

t.test('a value that is absent, and an absent field of a block, keep their meaning', t => {
  const cases: readonly [string, string][] = [
    ['a: {{#if .Values.nope}}1{{else}}2{{/if}}', '{"a":2}'],
    ['a: {{ .Values.image.nope | default "x" }}', '{"a":"x"}'],
    ['a: {{ .Values.words.9 | default "x" }}', '{"a":"x"}'],
    ['a: {{ $.Values.nope | default "x" }}', '{"a":"x"}'],
    ['a: {{ .Values.on.nope | default "x" }}', '{"a":"x"}'],
    ['a: {{#each .Values.words}}{{#if this.name}}1{{else}}2{{/if}}{{/each}}', '{"a":2}'],
    ['a: {{#each .Values.models}}{{#if gpu}}g{{else}}c{{/if}}{{/each}}', '{"a":"gc"}'],
    ['a: {{#each .Values.models}}{{#if this.gpu}}g{{else}}c{{/if}}{{/each}}', '{"a":"gc"}'],
    ['a: {{#each .Values.models}}{{#if this.image}}g{{else}}c{{/if}}{{/each}}', '{"a":"cc"}'],
    ['a: {{#each .Values.models as |m|}}{{#if m.gpu}}g{{else}}c{{/if}}{{/each}}', '{"a":"gc"}'],
    ['a: {{#each .Values.env}}{{ name }}{{ value | default "-" }}{{/each}}', '{"a":"A1B-"}'],
    ['a: {{#each .Values.words as |w i|}}{{ i }}{{ @index }}{{ w }}{{/each}}', '{"a":"00x"}'],
    ['a: {{#with .Values.image as |i|}}{{ i.tag }}{{ tag }}{{ .tag }}{{/with}}', '{"a":"v1v1v1"}'],
    [
      'a: {{#each .Values.models}}{{#with ../Values.image}}{{ tag }}{{/with}}{{/each}}',
      '{"a":"v1v1"}'
    ],
    ['a: {{#each .Values.words}}{{#with ../Values.image}}{{ @index }}{{/with}}{{/each}}', '{"a":0}']
  ]
  for (const [text, json] of cases) t.equal(render(text), `[${json}]`, text)
  t.end()
})

t.test("another tool's braces point at the two ways to keep them", t => {
  const remedy =
    'To keep braces for another tool write \\{{, or list the file in templates.verbatim of mlgitops.yaml.'
  const texts = [
    'a: "{{ $labels.instance }} is down"',
    'a: "{{ $value | humanize }}"',
    'a: "{{ .CommonLabels.severity }}"',
    'a: "{{workflow.name}}"',
    "a: '{{inputs.parameters.x}}'",
    "a: '{{=sprig.upper(item)}}'",
    'a: "{{ range .Alerts }}x{{ end }}"',
    'a: \'{{ template "slack" . }}\'',
    'a: "{{ .Values.x"',
    'a: "{{ humanizePercentage 1 }}"',
    'a: "{{#toUpper}}x{{/toUpper}}"',
    'a: "{{ index .Values.a 1 }}"'
  ]
  for (const text of texts) t.equal(render(text).slice(-remedy.length), remedy, text)
  t.end()
})
