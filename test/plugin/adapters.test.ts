import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { member } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { functionCommand } from '../../plugin/function/function-command.ts'
import { objects, render } from './repository.ts'

const revision = 'f'.repeat(40)
const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-adapters-'))
t.teardown(() => {
  rmSync(folder, { recursive: true })
})
mkdirSync(path.join(folder, 'app/configs'), { recursive: true })
writeFileSync(path.join(folder, 'app/values.yaml'), 'q: value\nlines: [a, b]\n')

/** The data of a ConfigMap, as `mlgitops render` and as a transformer of kustomize or kpt reads it. */
async function both(data: string): Promise<{ rendered: JsonValue; transformed: JsonValue }> {
  const object = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n${data.replace(/^/gm, '  ')}\n`
  writeFileSync(path.join(folder, 'app/x.yaml'), object)
  const { stdout, stderr } = await render(folder, 'app', '--revision', revision)
  const list = `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- ${object.trim().replaceAll('\n', '\n  ')}\nfunctionConfig: {apiVersion: mlgitops.io/v1alpha1, kind: RenderTransformer, metadata: {name: f}, spec: {path: app, revision: ${revision}}}\n`
  const result = await functionCommand({ args: [], env: {}, folder }, () => Promise.resolve(list))
  const answer = readYaml(result.stdout, { file: 'x' })[0]?.value as {
    readonly items: readonly JsonObject[]
  }
  return {
    rendered: stdout === '' ? stderr : (member(objects(stdout)[0], 'data') ?? null),
    transformed: result.exitCode === 0 ? (member(answer.items[0], 'data') ?? null) : result.stderr
  }
}

t.test('a transformer renders the string that was written', async t => {
  const cases: readonly [string, JsonValue][] = [
    [`a: '\\{{item}}'`, '{{item}}'],
    [`a: '{{ .Values.zz | default "y" }} it''s'`, "y it's"],
    [`a: '\\\\{{ .Values.q }}'`, '\\value'],
    [`a: 'C:\\dir {{ .Values.q }}'`, 'C:\\dir value'],
    [`a: "tab\\there {{ .Values.q }}"`, 'tab\there value'],
    [`a: plain {{ .Values.q | default "z" }}`, 'plain value'],
    [`a: '"{{ .Values.q }}"'`, '"value"'],
    [`a: '{{{{raw}}}}{{x}}{{{{/raw}}}}'`, '{{x}}'],
    [
      `a: |\n  #!/bin/sh\n  {{#each .Values.lines}}\n  echo {{ this }}\n  {{/each}}`,
      '#!/bin/sh\necho a\necho b\n'
    ],
    [`a: |\n  {{ printf "%s\\t" .Values.q }}x`, 'value\tx\n'],
    [`a: '\${GIT_COMMIT} $\${GIT_COMMIT}'`, `${revision} $\${GIT_COMMIT}`],
    [`"{{ .Values.q }}": v`, { value: 'v' }]
  ]
  for (const [data, expected] of cases) {
    const { rendered, transformed } = await both(data)
    const wanted = typeof expected === 'string' ? { a: expected } : expected
    t.same(rendered, wanted, `render: ${data}`)
    t.same(transformed, wanted, `fn: ${data}`)
  }
})

t.test('in JSON, which programs print, the style of a string is not known', async t => {
  const item = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }
  const config = { apiVersion: 'mlgitops.io/v1alpha1', kind: 'RenderTransformer' }
  const answer = async (a: string) => {
    const list = {
      ...{ kind: 'ResourceList', items: [{ ...item, data: { a } }] },
      functionConfig: { ...config, metadata: { name: 'f' }, spec: { path: 'app', revision } }
    }
    const input = { args: [], env: {}, folder }
    return functionCommand(input, () => Promise.resolve(JSON.stringify(list)))
  }
  t.match((await answer('\\{{item}}')).stdout, /^ +a: "?\{\{item\}\}"?$/m)
  const refused = await answer(`{{ printf "a\\tb" }}`)
  t.match(
    refused.stderr,
    `mlgitops: ConfigMap x: an expression in quotes contains a backslash [TEMPLATE_SYNTAX]
  found:    a string that another tool has parsed: its quotes in the file are not known
  remedy:   Write it in another way, or use a RenderGenerator, which reads the file.
`
  )
})

t.test('scalars without expressions mean what kustomize and kpt read', async t => {
  const { transformed } = await both('on: yes\nn: off\ny: true\nkey: 2020-01-01\nocta: 0777')
  t.same(transformed, { on: 'yes', n: 'off', y: true, key: '2020-01-01', octa: 511 })
})

t.test('what a function cannot know is an error', async t => {
  const escape = await both(`a: "{{ default 'x\\\\ty' .Values.zz }}"`)
  t.match(
    escape.transformed,
    /ConfigMap x: an expression in quotes contains a backslash[^]*found: +a string in double quotes\n +remedy: +Write it in a literal block scalar \(\|\)\./
  )
  const lines = await both(`a: "{{ toYaml .Values.lines }}"`)
  t.match(lines.transformed, /YAML of several lines cannot be inserted into an item/)
})
