import { spawnSync } from 'node:child_process'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { Fault, describeFault } from '../../common/fault.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import { applyPatches } from '../../plugin/patch/apply.ts'
import { parseProject } from '../../plugin/project/project.ts'
import { readValues } from '../../plugin/sources.ts'
import { renderTemplate } from '../../plugin/template/render-template.ts'

const values = readValues(
  'u64: 18446744073709551615\ni64: 9223372036854775807\nleast: -9223372036854775808\nhex: 0xFFFFFFFFFFFFFFFF\nodd: 9007199254740993\ntext: "9123456789012345679"\nhalf: 0.1\n',
  'values.yaml'
)
const header = 'apiVersion: mlgitops.io/v1alpha1\nkind: Project\n'
const manifest = {
  object: {
    apiVersion: 'x.io/v1',
    kind: 'A',
    metadata: { name: 'a' },
    spec: { a: 9007199254740993n }
  },
  where: () => 'a.yaml'
}
const hasKustomize = ['kustomize', 'kubectl'].some(
  tool => spawnSync(tool, ['version']).error === undefined
)
const render = (text: string): string => {
  try {
    return renderTemplate('t.yaml', text, { values, variables: {} })
      .map(({ value }) => writeYaml(value))
      .join('')
  } catch (error) {
    if (error instanceof Fault) return describeFault(error)
    throw error
  }
}

t.test('digits of integers up to 64 bits are exact', t => {
  const cases: readonly [string, string][] = [
    ['.Values.no | default 9123456789012345678', '9123456789012345678'],
    ['default 18446744073709551615 .Values.no', '18446744073709551615'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['01777777777777777777777', '18446744073709551615'],
    ['eq 9123456789012345678 9123456789012345679', 'false'],
    ['eq .Values.odd 9007199254740993', 'true'],
    ['eq .Values.odd 9007199254740992', 'false'],
    ['ne .Values.u64 18446744073709551614', 'true'],
    ['gt .Values.u64 18446744073709551614', 'true'],
    ['lt .Values.u64 18446744073709551615', 'false'],
    ['lt .Values.odd 9007199254740992', 'false'],
    ['.Values.u64', '18446744073709551615'],
    ['.Values.hex', '18446744073709551615'],
    ['.Values.least', '-9223372036854775808'],
    ['int .Values.u64', '18446744073709551615'],
    ['int .Values.text', '9123456789012345679'],
    ['int " -9007199254740993 "', '-9007199254740993'],
    ['int "4503599627370497.9"', '4503599627370497'],
    ['int "18446744073709551614.99"', '18446744073709551614'],
    ['int "-0.99999999999999999999"', '0'],
    ['int "1e3"', '1000'],
    ['int .Values.u64 | toJson', '"18446744073709551615"'],
    ['printf "%d" .Values.u64', '"18446744073709551615"'],
    ['printf "%d" 9007199254740993', '"9007199254740993"'],
    [
      'printf "%s %v %x" .Values.i64 .Values.u64 .Values.odd',
      '"9223372036854775807 18446744073709551615 20000000000001"'
    ],
    ['printf "%.1f" .Values.odd', '"9007199254740993.0"'],
    ['printf "%.0f" .Values.u64', '"18446744073709551615"'],
    ['toJson .Values.u64', '"18446744073709551615"'],
    ['fromJson "18446744073709551615"', '18446744073709551615'],
    ['toString .Values.u64', '"18446744073709551615"'],
    ['quote .Values.i64', '"9223372036854775807"'],
    [
      'join "," (fromJson "[9007199254740993,18446744073709551615]")',
      '"9007199254740993,18446744073709551615"'
    ],
    ['.Values.half', '0.1']
  ]
  for (const [expression, expected] of cases)
    t.equal(render(`a: {{ ${expression} }}`), `a: ${expected}\n`, expression)
  t.equal(render('a: "{{ .Values.u64 }}"'), 'a: "18446744073709551615"\n')
  t.equal(
    render('a:\n  {{- toYaml .Values | nindent 2 }}').split('\n')[1],
    '  u64: 18446744073709551615'
  )
  t.equal(
    render('a: !!int 18446744073709551615\nb: !!float 0xFFFFFFFFFFFFFFFF'),
    'a: 18446744073709551615\nb: 18446744073709551615\n'
  )
  t.equal(
    render('a: x-{{ .Values.odd }}\nb: {{#if (eq .Values.odd 9007199254740993)}}1{{/if}}'),
    'a: x-9007199254740993\nb: 1\n'
  )
  t.end()
})

t.test('patches keep the digits of their numbers, or are errors', t => {
  const patched = (patch: string) => {
    const { patches } = parseProject(`${header}patches:\n  - target: {}\n    ${patch}\n`, 'p.yaml')
    return applyPatches([manifest], patches, 'p.yaml').map(({ object }) =>
      writeYaml(object.spec ?? null)
    )
  }
  const greatest = '18446744073709551615'
  t.strictSame(patched(`strategic: {spec: {a: ${greatest}}}`), [`a: ${greatest}\n`])
  t.strictSame(patched(`merge: {spec: {a: ${greatest}}}`), [`a: ${greatest}\n`])
  t.strictSame(patched(`json: [{op: replace, path: /spec/a, value: ${greatest}}]`), [
    `a: ${greatest}\n`
  ])
  t.strictSame(patched('json: [{op: test, path: /spec/a, value: 9007199254740993}]'), [
    'a: 9007199254740993\n'
  ])
  t.throws(() => patched('json: [{op: test, path: /spec/a, value: 9007199254740992}]'), {
    code: 'PATCH_FAILED'
  })
  t.throws(() => patched('merge: {spec: {a: 18446744073709551616}}'), {
    code: 'YAML_INVALID',
    details: { where: 'p.yaml:5:23' }
  })
  t.end()
})

t.test('the output of kustomize keeps its digits', { skip: !hasKustomize }, async t => {
  const folder = t.testdir({
    'kustomization.yaml': 'resources: [a.yaml]\n',
    'a.yaml': 'apiVersion: x.io/v1\nkind: A\nmetadata: {name: a}\nspec: {a: 18446744073709551615}\n'
  })
  const { stdout } = await run({ args: ['render', folder], env: {}, folder })
  t.match(stdout, '\nspec:\n  a: 18446744073709551615\n')
})

t.test('a number that would lose digits is an error', t => {
  const message = 'a number has more digits than a 64-bit number keeps'
  const literals = [
    '18446744073709551616',
    '-9223372036854775809',
    '0.12345678901234567890',
    '1e400',
    '1.00000000000000001',
    '9007199254740993.5'
  ]
  for (const literal of literals) {
    t.equal(
      render(`a: {{ .Values.no | default ${literal} }}`),
      `t.yaml:1:28: ${message} [TEMPLATE_SYNTAX]\n  remedy:   Put it in quotes.`,
      literal
    )
    if (literal === '1e400') continue
    t.throws(() => readValues(`b: 1\na: ${literal}\n`, 'values.yaml'), {
      message,
      details: { where: 'values.yaml:2:4' }
    })
    t.match(render(`a: {{ fromJson "${literal}" }}`), /more digits/)
  }
  t.match(render('a: {{ int "18446744073709551616" }}'), /TEMPLATE_TYPE/)
  t.match(render('a: {{ int "1.99999999999999999999e0" }}'), /TEMPLATE_TYPE/)
  t.match(render('a: {{ printf "%e" 9007199254740993 }}'), /does not fit %e/)
  t.match(render('a: {{ printf "%g" .Values.u64 }}'), /does not fit %g/)
  t.end()
})
