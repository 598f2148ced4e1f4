import t from 'tap'
import { faultText } from '../fault-text.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { renderTemplate } from '../../plugin/template/render-template.ts'
import { configMap, objects, render, TestRepository } from './repository.ts'

const mark = '\uFEFF'
const read = (text: string) => readYaml(text, { file: 'x.yaml' }).map(({ value }) => value)

t.test('byte order marks at the start of a document are skipped', t => {
  const both = [{ a: 1 }, { b: 2 }]
  const texts = [
    `${mark}a: 1\n---\nb: 2\n`,
    `a: 1\n---\n${mark}b: 2\n`,
    `${mark}a: 1\n---\n${mark}b: 2\n`,
    `a: 1\n--- # second\n${mark}b: 2\n`,
    `a: 1\n${mark}---\nb: 2\n`,
    `---\n${mark}a: 1\n---\n${mark}b: 2\n`,
    `a: 1\n...\n${mark}---\nb: 2\n`,
    `${mark}a: 1\r\n---\r\n${mark}b: 2\r\n`,
    `${mark}{"a": 1}\n---\n${mark}{"b": 2}`
  ]
  for (const text of texts) t.same(read(text), both, JSON.stringify(text))
  t.same(read(`a: "x${mark}y"`), [{ a: `x${mark}y` }], 'a mark inside a text stays')
  t.equal(
    faultText(() => read(`a: 1\n---\n${mark}b: 1\nb: 2\n`)),
    'x.yaml:4:1: the key "b" is duplicated [YAML_DUPLICATE_KEY]\n  remedy:   Keep one of the two.'
  )
  t.end()
})

t.test('a merge key after a key that it also brings is a fault', t => {
  const late = /a merge key \(<<\) follows a key that it also brings[^]*write the merge key first/
  for (const text of [
    '{v: 1, <<: {v: 2}}',
    'v: 1\n<<: [{w: 1}, {v: 2}]\n',
    'base: &b {v: 1}\ninner:\n  v: 2\n  <<: *b\n',
    '- {v: {x: 1}, <<: {v: {y: 1}}}'
  ])
    t.match(
      faultText(() => read(text)),
      late,
      text
    )
  t.same(read('{<<: {v: 2, w: 3}, v: 1}'), [{ v: 1, w: 3 }], 'explicit keys after it')
  t.same(read('{v: 1, <<: {w: 3}}'), [{ v: 1, w: 3 }], 'other keys before it')
  t.same(
    readYaml('{v: 1, <<: {v: 2}}', { file: 'x', schema: 'core' }).map(({ value }) => value),
    [{ v: 1 }],
    'kustomize and kpt read by the rule of YAML'
  )
  t.end()
})

const renderFiles = async (files: Readonly<Record<string, string>>, ...args: string[]) => {
  const repository = new TestRepository(files)
  const result = await render(repository.folder, 'a', ...args)
  repository.remove()
  return result
}

t.test('value files: marks, and late merge keys', async t => {
  const template = { 'a/x.yaml': configMap('v: "{{ .Values.a.v }}"') }
  const late = await renderFiles({ ...template, 'values.yaml': 'a: {v: 1, <<: {v: 2}}\n' })
  t.match(late.stderr, /^mlgitops: values\.yaml:1:15: a merge key \(<<\) follows a key/)
  t.equal(late.exitCode, 1)
  const marked = await renderFiles({
    ...template,
    'values.yaml': `---\n${mark}a: {v: 1}\n`,
    'values.schema.json': `${mark}{"required": ["a"]}`
  })
  t.match(marked.stdout, /v: "1"/, marked.stderr)
})

const named = (kind: string, namespace: string, apiVersion = 'v1') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x${namespace === '' ? '' : `, namespace: ${namespace}`}}\n`

t.test('objects that are one after the namespace is applied are duplicates', async t => {
  const cases: readonly [string, string, string, boolean][] = [
    ['without and with the namespace', named('ConfigMap', ''), named('ConfigMap', 'ml'), true],
    ['with and without it', named('Service', 'ml'), named('Service', ''), true],
    ['a custom kind', named('Model', '', 'm.io/v1'), named('Model', 'ml', 'm.io/v1'), true],
    ['two versions', named('Job', '', 'batch/v1'), named('Job', 'ml', 'batch/v1beta1'), true],
    ['another namespace', named('ConfigMap', ''), named('ConfigMap', 'other'), false],
    [
      'a cluster-scoped kind with a namespace',
      named('ClusterRole', '', 'rbac.authorization.k8s.io/v1'),
      named('ClusterRole', 'other', 'rbac.authorization.k8s.io/v1'),
      true
    ]
  ]
  for (const [name, first, second, isDuplicate] of cases) {
    const files = { 'a/x.yaml': first, 'a/z.yaml': second }
    const { stdout, stderr } = await renderFiles(files, '--namespace', 'ml')
    if (isDuplicate)
      t.match(stderr, /a\/z\.yaml:1:1: duplicate object .*\[OBJECT_DUPLICATE\]/, name)
    else t.equal(objects(stdout).length, 2, `${name}\n${stderr}`)
  }
  const files = { 'a/x.yaml': named('ConfigMap', ''), 'a/z.yaml': named('ConfigMap', 'ml') }
  t.equal(objects((await renderFiles(files)).stdout).length, 2, 'no destination is known')
})

t.test('characters that are line breaks to kubectl only are refused', t => {
  const input = { values: { v: 'x\u2028y' }, variables: {} }
  const cases: readonly [string, string][] = [
    ['a: 1 # note\u0085b: 2\n', 'U+0085'],
    ['a: "x\u2028y"\n', 'U+2028'],
    ['a: x\u2029\n', 'U+2029']
  ]
  for (const [text, code] of cases) {
    for (const form of ['expressions', 'variables', 'verbatim'] as const) {
      t.match(
        faultText(() => renderTemplate('t.yaml', text, input, form)),
        `t.yaml:1:${text.search(/[\u0085-\uffff]/) + 1}: the character ${code} is a line break to kubectl only [YAML_INVALID]`
      )
    }
  }
  const [document] = renderTemplate('t.yaml', 'a: "\\u2028"\nb: {{ .Values.v }}\n', input)
  t.same(document?.value, { a: '\u2028', b: 'x\u2028y' }, 'escaped and inserted')
  t.end()
})
