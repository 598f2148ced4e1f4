import t from 'tap'
import { Fault } from '../../common/fault.ts'
import { stringifyJson } from '../../common/json.ts'
import { renderTemplate } from '../../plugin/template/render-template.ts'

const values = {
  m: { k: '1', l: '2' },
  list: ['x', 'y'],
  s: 'a\nb',
  q: { k: "i's" },
  words: ['r', 's'],
  ends: 'x"\nb: "1',
  closes: 'x" #y',
  hash: 'a # b',
  braces: '1}, c: {'
}
const render = (text: string): string => {
  try {
    const documents = renderTemplate('t.yaml', text, { values, variables: {} })
    return stringifyJson(documents[0]?.value ?? null)
  } catch (error) {
    if (error instanceof Fault) return String(error.code)
    throw error
  }
}

t.test('inserted YAML stays in its node, or it is an error', t => {
  const refused = [
    'a: 1\n# {{ toYaml .Values.m }}\nb: 2',
    'a: 1\n# x {{ toYaml .Values.m | nindent 0 }}\nb: 2',
    'a: 1 # {{ toYaml .Values.list }}',
    'a: |\n  x {{ toYaml .Values.m }}\nb: 2',
    'a:\n  b:\n    {{ toYaml .Values.m }}',
    'a: "{{ toYaml .Values.m | nindent 0 }}"',
    'a: "{{ toYaml .Values.m | nindent 0 }}"\nb: 1',
    "a: '{{ toYaml .Values.q | nindent 0 }}'",
    'a: [{{ toYaml .Values.list }}]',
    'a: {{ toYaml .Values.m }}',
    '{{ toYaml .Values.m }}: 1',
    'a: {{ toYaml .Values.m | nindent 0 }}',
    'a:\n- {{ toYaml .Values.m | nindent 0 }}',
    'a:\n  - {{ toYaml .Values.list | nindent 2 }}',
    'a:\n  b: {{ toYaml .Values.m | nindent 2 }}\nc: 1',
    'a: "{{ nindent 0 .Values.ends }}"',
    'a: "{{ indent 0 .Values.closes }}"',
    'a: "{{ toYaml .Values.closes }}"',
    'a: x{{ toYaml .Values.hash }}',
    'a: {b: {{ indent 0 .Values.braces }}}'
  ]
  for (const text of refused) t.match(render(text), /^(?:YAML_INVALID|TEMPLATE_TYPE)$/, text)
  const kept: readonly [string, string][] = [
    ['a:\n  {{- toYaml .Values.m | nindent 2 }}\nb: 1', '{"a":{"k":"1","l":"2"},"b":1}'],
    ['a:\n  - w\n{{ toYaml .Values.list | indent 2 }}\nb: 1', '{"a":["w","x","y"],"b":1}'],
    ['{{ toYaml .Values.m }}\nb: 1', '{"k":"1","l":"2","b":1}'],
    ['a: |\n{{ toYaml .Values.m | indent 2 }}\nb: 1', '{"a":"k: \\"1\\"\\nl: \\"2\\"\\n","b":1}'],
    ['# {{ .Values.s }}\na: 1', '{"a":1}'],
    ['z:\na: {{ toYaml .Values.m | nindent 2 }}', '{"z":null,"a":{"k":"1","l":"2"}}'],
    ['a:\n  z:\n  {{- toYaml .Values.m | nindent 2 }}', '{"a":{"z":null,"k":"1","l":"2"}}'],
    ['a: {{ toYaml .Values.hash }} # c', '{"a":"a # b"}'],
    ['a: "x {{ indent 2 "y" }} z"', '{"a":"x   y z"}'],
    ['a: "{{ toYaml .Values.words | indent 1 }} \'"', `{"a":" - r - s '"}`],
    ['a: "{{ toYaml .Values.words | nindent 2 }}"', '{"a":" - r - s"}']
  ]
  for (const [text, json] of kept) t.equal(render(text), json, text)
  t.end()
})
