import fc from 'fast-check'
import Handlebars from 'handlebars'
import t from 'tap'
import { Fault, describeFault } from '../../common/fault.ts'
import { stringifyJson } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { TemplateOutput } from '../../plugin/template/output.ts'
import { parseTemplate } from '../../plugin/template/parse.ts'
import { renderTemplate, TemplateRenderer } from '../../plugin/template/render-template.ts'
import { rootScope } from '../../plugin/template/scope.ts'
import { TemplateSource } from '../../plugin/template/source.ts'

const values: JsonObject = {
  commit: '12e4567',
  octal: '0123456',
  version: '1.10',
  replicas: 3,
  ratio: 0.5,
  flag: true,
  off: false,
  none: null,
  empty: '',
  big: 9007199254740993n,
  name: 'Churn Model',
  list: [
    { name: 'a', v: 1 },
    { name: 'b', v: 2 }
  ],
  words: ['x', 'y'],
  object: { a: 1, b: ['yes', 'z: 1'] },
  json: '{"a":[1]}',
  'odd key': 1,
  script: '#!/bin/sh\necho\n'
}
const render = (text: string) =>
  stringifyJson(
    renderTemplate('t.yaml', text, { values, variables: { GIT_COMMIT: 'abc' } }).map(
      ({ value }) => value
    )
  )
const renderedOrFault = (text: string): string => {
  try {
    return render(text)
  } catch (error) {
    if (error instanceof Fault) return describeFault(error)
    throw error
  }
}

t.test('values keep their types', t => {
  const cases: readonly [string, string][] = [
    ['a: {{ .Values.commit }}', '{"a":"12e4567"}'],
    ['a: {{ .Values.octal }}', '{"a":"0123456"}'],
    ['a: x-{{ .Values.octal }}', '{"a":"x-0123456"}'],
    ['a: {{ .Values.version }}', '{"a":"1.10"}'],
    ['a: {{ Values.replicas }}', '{"a":3}'],
    ['a: "{{ .Values.replicas }}"', '{"a":"3"}'],
    ['a: {{ .Values.replicas }}{{ .Values.replicas }}', '{"a":"33"}'],
    ['a: {{ .Values.big }}', '{"a":9007199254740993}'],
    ['a: {{ .Values.none }}', '{"a":null}'],
    ['a: {{ .Values.empty }}', '{"a":""}'],
    ['a: {{ .Values.object }}', '{"a":{"a":1,"b":["yes","z: 1"]}}'],
    ['a: [{{ .Values.version }}, {{ .Values.flag }}]', '{"a":["1.10",true]}'],
    ['{{ .Values.version }}: k', '{"1.10":"k"}'],
    ['a: !!str {{ .Values.replicas }}', '{"a":"3"}'],
    ['a: |-\n  {{ .Values.script }}', '{"a":"#!/bin/sh\\necho\\n"}'],
    ['a: ${GIT_COMMIT}', '{"a":"abc"}'],
    ['a: ${OTHER} $${GIT_COMMIT} x${GIT_COMMIT}', '{"a":"${OTHER} $${GIT_COMMIT} xabc"}'],
    ['a: {{ .Values.[odd key] }}', '{"a":1}'],
    ['a: {{ .Values.list.1.name }}', '{"a":"b"}'],
    ['a: "\\{{workflow.name}}"', '{"a":"{{workflow.name}}"}'],
    ['a: "{{{{raw}}}}{{x}}{{{{/raw}}}}"', '{"a":"{{x}}"}'],
    ['a: {{!-- note }} --}}1{{/* helm */}}{{! x }}', '{"a":1}'],
    ['a:\n  {{- toYaml .Values.object | nindent 2 }}', '{"a":{"a":1,"b":["yes","z: 1"]}}'],
    ['a: |\n{{ .Values.script | indent 2 }}', '{"a":"#!/bin/sh\\necho\\n"}']
  ]
  for (const [text, json] of cases) t.equal(renderedOrFault(text), `[${json}]`, text)
  t.end()
})

t.test("functions take arguments in Helm's order", t => {
  const cases: readonly [string, string][] = [
    ['default "y" .Values.missing', '"y"'],
    ['.Values.empty | default "y" | upper', '"Y"'],
    ['quote .Values.version', '"1.10"'],
    ['squote "a"', '"a"'],
    ['upper "a"', '"A"'],
    ['lower "A"', '"a"'],
    ['trim " a "', '"a"'],
    ['trunc 3 "abcdef"', '"abc"'],
    ['trunc -2 "abcdef"', '"ef"'],
    ['replace " " "-" .Values.name', '"Churn-Model"'],
    ['contains "hurn" .Values.name', 'true'],
    ['hasPrefix "Ch" .Values.name', 'true'],
    ['hasSuffix "x" .Values.name', 'false'],
    [
      'printf "%s-%03d-%v-%.2f-%q-%t-%x-%5s|%-3s|%%-%c-%e" "a" 7 0.5 .Values.ratio "q" true 255 "r" "l" 65 1.5',
      '"a-007-0.5-0.50-\\"q\\"-true-ff-    r|l  |%-A-1.500000e+00"'
    ],
    ['join "," .Values.words', '"x,y"'],
    ['split "," "a,b"', '["a","b"]'],
    ['toJson .Values.object', '"{\\"a\\":1,\\"b\\":[\\"yes\\",\\"z: 1\\"]}"'],
    ['fromJson .Values.json', '{"a":[1]}'],
    ['b64enc "hi"', '"aGk="'],
    ['sha256sum "x"', '"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"'],
    ['required "need" .Values.version', '"1.10"'],
    ['coalesce .Values.missing .Values.empty "z"', '"z"'],
    ['ternary 1 2 .Values.flag', '1'],
    ['.Values.off | ternary 1 2', '2'],
    ['empty .Values.missing', 'true'],
    ['eq .Values.version "1.10"', 'true'],
    ['eq 1 2 1', 'true'],
    ['ne "a" "b"', 'true'],
    ['gt 2 1', 'true'],
    ['lt "a" "b"', 'true'],
    ['and .Values.flag "x"', '"x"'],
    ['or .Values.off "x"', '"x"'],
    ['not .Values.off', 'true'],
    ['int "42"', '42'],
    ['int 3.9', '3'],
    ['int true', '1'],
    ['toString 3', '"3"'],
    ['kebabcase "FooBar baz_X"', '"foo-bar-baz-x"'],
    ['(printf "%s" (upper "a")) | lower', '"a"'],
    ["'it'", '"it"'],
    ['`r"w`', '"r\\"w"'],
    ['true', 'true'],
    ['nil', 'null'],
    ['-1.5', '-1.5']
  ]
  for (const [expression, json] of cases)
    t.equal(renderedOrFault(`a: {{ ${expression} }}`), `[{"a":${json}}]`, expression)
  t.equal(
    renderedOrFault('a: echo {{ quote .Values.version }} {{ squote "b" }}'),
    '[{"a":"echo \\"1.10\\" \'b\'"}]',
    'quotes are text inside text'
  )
  t.end()
})

t.test('blocks follow Handlebars, and .Values is the root in every block', t => {
  const cases: readonly [string, string][] = [
    ['{{#if .Values.flag}}\na: 1\n{{else}}\na: 2\n{{/if}}', '{"a":1}'],
    [
      '{{#if .Values.missing}}\na: 1\n{{else if .Values.flag}}\na: 3\n{{else}}\na: 2\n{{/if}}',
      '{"a":3}'
    ],
    ['{{#unless .Values.off}}\na: 1\n{{/unless}}', '{"a":1}'],
    ['{{#if (eq 0 0)}}a: {{#if 0 includeZero=true}}1{{/if}}{{/if}}', '{"a":1}'],
    [
      '{{#with .Values.object as |o|}}\na: {{ a }}{{ o.a }}{{ this.a }}\n{{else}}\na: 0\n{{/with}}',
      '{"a":"111"}'
    ],
    [
      'a:\n{{#each .Values.list as |item index|}}\n  - {{ @index }}{{ index }}{{ name }}{{ .name }}{{ item.v }}{{ ../Values.version }}{{ .Values.version }}{{ $.Values.version }}{{#if @last}}!{{/if}}\n{{/each}}',
      '{"a":["00aa11.101.101.10","11bb21.101.101.10!"]}'
    ],
    [
      'a:\n{{#each .Values.object}}\n  {{ @key }}: {{ this }}\n{{/each}}',
      '{"a":{"a":1,"b":["yes","z: 1"]}}'
    ],
    ['{{#each .Values.missing}}\nx: 1\n{{else}}\nx: none\n{{/each}}', '{"x":"none"}'],
    ['a: 1\n  {{~#if .Values.off}} x {{~/if}}', '{"a":1}']
  ]
  for (const [text, json] of cases) t.equal(renderedOrFault(text), `[${json}]`, text)
  t.end()
})

t.test('faults have a position, a message and a remedy', t => {
  const cases: readonly [string, RegExp][] = [
    [
      'a: 1\nb: {{ .Values.nope.x }}',
      /^t\.yaml:2:7: no value for \.Values\.nope\.x \[TEMPLATE_VALUE_MISSING\]\n {2}found: {4}\.Values has "big"/
    ],
    ['b: {{ .Values.version.x }}', /found: {4}\.Values\.version is a string/],
    ['b: {{ .Values.constructor }}', /no value for \.Values\.constructor/],
    ['b: {{ .Values.object.__proto__ }}', /no value for/],
    [
      'b: x-{{ .Values.object }}',
      /^t\.yaml:1:6: an object cannot be inserted into text \[TEMPLATE_TYPE\]/
    ],
    ['b: "{{ .Values.none }}"', /null cannot be inserted into text/],
    [
      '{{- range .Values.list }}',
      /^t\.yaml:1:5: Helm's "range" is not supported \[TEMPLATE_HELM_CONSTRUCT\]\n {2}remedy: {3}Write \{\{#each/
    ],
    ['b: {{ include "x" . }}', /Helm's "include"/],
    ['b: {{ .Release.Name }}', /Helm's "\.Release"/],
    ['b: {{ $x := 1 }}', /Helm's "\$x"/],
    ['{{ if .Values.a }}', /Helm's "if"/],
    ['{{#if .Values.x}}', /\{\{#if\}\} is not closed/],
    ['{{/if}}', /closes no open block/],
    ['{{else}}', /is outside a block/],
    ['{{#if 1}}{{else}}{{else}}{{/if}}', /a second/],
    ['{{#foo}}{{/foo}}', /is not a block helper/],
    ['{{#each}}{{/each}}', /has no argument/],
    ['b: {{ foo }}', /no value for foo[\s\S]*Values are below \.Values/],
    ['b: {{ foo 1 }}', /unknown function "foo"/],
    ['b: {{ upper }}', /no value for upper/],
    ['b: {{ upper 1 2 }}', /wrong number of arguments for upper .*\n {2}found: {4}2\n/],
    ['b: {{ eq 1 "1" }}', /a number and a string cannot be compared/],
    ['b: {{ required "need it" .Values.x }}', /^t\.yaml:1:7: need it/],
    ['b: {{ .Values.x', /the tag is not closed/],
    ['b: {{ ( 1 }}', /parenthesis is not closed/],
    ['b: {{ .Values.a 1 }}', /is not a function/],
    ['b: {{ "\\x" }}', /unknown escape sequence/],
    ['b: {{ % }}', /"%" is not valid here/],
    ['{{#each .Values.missing}}{{/each}}', /no value for \.Values\.missing/],
    ['{{#each .Values.version}}{{/each}}', /needs a list or an object/],
    ['b: ${GIT_REPO}', /no value for \$\{GIT_REPO\}/],
    ['b: {{> x }}', /partials and decorators/],
    ['b: {{ int "x" }}', /int rejects non-numeric text/],
    ['b: {{ printf "%d" "x" }}', /does not fit %d/],
    ['b: {{ printf "%d" }}', /no value for %d/],
    ['b: {{ printf "x" 1 }}', /1 values for 0 verbs/],
    ['b: {{ printf "%z" 1 }}', /%z is not supported/],
    ['b: {{ indent 999 "x" }}', /out of range/],
    ['b: {{ fromJson "{" }}', /not valid JSON/],
    ['{{!-- x', /comment is not closed/],
    ['{{{{x}}}}', /four braces/]
  ]
  for (const [text, message] of cases) t.match(renderedOrFault(text), message, text)
  t.end()
})

t.test('loops and output of a template are bounded', t => {
  const list = Array.from({ length: 1100 }, (_, i) => i)
  const run = (text: string) => () =>
    renderTemplate('t.yaml', text, { values: { list, s: 'x'.repeat(1e6) }, variables: {} })
  t.throws(run('{{#each .Values.list}}{{#each .Values.list}}{{/each}}{{/each}}'), {
    code: 'TEMPLATE_TOO_LARGE'
  })
  t.throws(run('{{#each .Values.list}}{{ indent 1 .Values.s }}{{/each}}'), {
    code: 'TEMPLATE_TOO_LARGE'
  })
  t.throws(run('{{#if 1}}'.repeat(60)), { code: 'TEMPLATE_SYNTAX' })
  t.throws(run(`a: {{ ${'('.repeat(60)} }}`), { code: 'TEMPLATE_SYNTAX' })
  t.end()
})

t.test('Handlebars itself renders the common subset to the same text', t => {
  const data = { yes: true, no: false, list: ['p', 'q'], object: { k: 'v' }, none: [], s: 'text' }
  const text = fc.constantFrom('a', ' ', '\n', '  \n', 'x y', '\n\n', 'é')
  const { template } = fc.letrec<{ template: string; piece: string }>(tie => ({
    template: fc.array(tie('piece'), { maxLength: 5 }).map(pieces => pieces.join('')),
    piece: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.constantFrom('{{Values.s}}', '{{! c }}', '{{~Values.s~}}', '{{{Values.s}}}', '\\{{x}} '),
      fc
        .tuple(
          fc.constantFrom('#if', '#unless'),
          fc.constantFrom('yes', 'no', 'none', 'object', 'list'),
          tie('template'),
          tie('template'),
          fc.boolean()
        )
        .map(
          ([tag, name, body, other, both]) =>
            `{{${tag} @root.Values.${name}}}${body}${both ? `{{else}}${other}` : ''}{{/${tag.slice(1)}}}`
        ),
      fc
        .tuple(fc.constantFrom('list', 'object', 'none'), tie('template'))
        .map(
          ([name, body]) =>
            `{{#each @root.Values.${name}}}${body}{{this}}{{@index}}{{@key}}{{/each}}`
        ),
      tie('template').map(body => `{{#with @root.Values.object}}${body}{{k}}{{/with}}`)
    )
  }))
  fc.assert(
    fc.property(template, source => {
      const text = source
        .replaceAll('{{Values.s}}', '{{@root.Values.s}}')
        .replaceAll('{{~Values.s~}}', '{{~@root.Values.s~}}')
        .replaceAll('{{{Values.s}}}', '{{{@root.Values.s}}}')
      const expected = Handlebars.compile(text, { noEscape: true })({ Values: data })
      const ours = renderText(text, data)
      if (ours !== expected)
        throw new Error(
          `${JSON.stringify(text)}: ${JSON.stringify(ours)} is not ${JSON.stringify(expected)}`
        )
    }),
    { seed: 11, numRuns: 400 }
  )
  t.end()
})

/** The rendered text, without parsing it as YAML. */
function renderText(text: string, data: JsonObject): string {
  const source = new TemplateSource('t', text)
  const output = new TemplateOutput(source)
  new TemplateRenderer(source, output, {}).render(parseTemplate(source), rootScope(data))
  return output.value(output.text, false) as string
}
