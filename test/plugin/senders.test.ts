import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { functionCommand } from '../../plugin/function/function-command.ts'
import { peersFolder } from '../e2e/peers/peer.ts'
import { objects, render } from './repository.ts'

/**
 * The strings of a file, as `mlgitops render` reads them and as a transformer gets them from the real
 * kustomize (`npm run peers`) and kpt: both give the same object, or the function refuses the string.
 */
const revision = 'f'.repeat(40)
const work = mkdtempSync(path.join(tmpdir(), 'mlgitops-senders-'))
t.teardown(() => {
  rmSync(work, { recursive: true })
})
mkdirSync(path.join(work, 'app'))
writeFileSync(path.join(work, 'app/values.yaml'), 'q: value\nno: false\nlines: [a, b]\n')

/** `differs`: kustomize prints it like another string that is usual; docs/kustomize.md says so. */
type Answer = 'same' | RegExp | { readonly differs: string }
/** The data of a ConfigMap, what a render gives, and what the function answers if kpt or kustomize sends it. */
interface Case {
  readonly data: string
  readonly rendered: JsonValue | RegExp
  readonly kpt?: Answer
  readonly kustomize?: Answer
}

const backslash = /ConfigMap c\d+: an expression in quotes contains a backslash/
const quote = /ConfigMap c\d+: an expression in quotes contains a quote/
const folded = /a block tag between white space, where folded text \(>\) can have ended a line/

const cases: readonly Case[] = [
  { data: `a: '\\{{item}}'`, rendered: '{{item}}' },
  { data: 'a: x \\{{item}}', rendered: 'x {{item}}' },
  { data: `a: '\\\\{{ .Values.q }}'`, rendered: '\\value' },
  {
    data: `a: "\\\\{{ .Values.q }}"`,
    rendered: /unknown escape sequence/,
    kpt: /ConfigMap c\d+: a backslash before \{\{ in double quotes/,
    // Printed without quotes, like the first case, which is the only one that a render accepts.
    kustomize: 'same'
  },
  { data: `a: "tab\\t{{ .Values.q }}"`, rendered: 'tab\tvalue' },
  { data: `a: "tab\\t\\\\ {{ .Values.q }}"`, rendered: 'tab\t\\ value' },
  { data: `a: '{{ .Values.zz | default "y" }} it''s'`, rendered: "y it's" },
  {
    data: `a: "{{ default 'x\\\\ty' .Values.zz }}"`,
    rendered: 'x\\ty',
    kpt: backslash,
    kustomize: backslash
  },
  {
    data: `a: "{{ .Values.zz | default \\"y\\" }}"`,
    rendered: /the tag is not closed/,
    kpt: quote,
    kustomize: 'same'
  },
  { data: `a: '{{ printf "a''b" }}'`, rendered: "a''b", kpt: quote, kustomize: quote },
  { data: `a: '{{ printf "a\\tb" }}'`, rendered: 'a\tb', kustomize: backslash },
  { data: `a: |\n  {{ printf "%s\\t" .Values.q }}x`, rendered: 'value\tx\n', kustomize: backslash },
  {
    data: `a: "x\\n{{ printf 'a\\\\tb' }}"`,
    rendered: 'x\na\\tb',
    kpt: backslash,
    kustomize: backslash
  },
  {
    data: `a: |\n  #!/bin/sh\n  {{#each .Values.lines}}\n  {{ this }}\n  {{/each}}`,
    rendered: '#!/bin/sh\na\nb\n'
  },
  { data: `a: |-\n  {{#each .Values.lines}}\n  {{ this }}\n  {{/each}}`, rendered: 'a\nb' },
  { data: `a: |\n  x\n\n  {{#if .Values.no}}\n  y\n  {{/if}}`, rendered: 'x\n' },
  { data: `a: |+\n  x\n  {{#if .Values.no}}\n  y\n  {{/if}}\n`, rendered: 'x\n\n' },
  { data: `a: |\n  {{#if .Values.no}}\n  y\n  {{/if}}`, rendered: '' },
  {
    data: `a: |\n  {{#if .Values.no}}\n  y\n  {{/if}}\n    z`,
    rendered: 'z\n',
    kpt: /the first rendered line of the text is indented/,
    kustomize: /the first rendered line of the text is indented/
  },
  {
    data: `a: >\n  x\n  {{#if .Values.q}}\n  y\n  {{/if}}\n  z`,
    rendered: 'x y z\n',
    kpt: folded,
    kustomize: folded
  },
  { data: `a: 'x {{#if .Values.q}} y {{/if}}'`, rendered: 'x  y ', kustomize: folded },
  { data: `a: >\n  x\n  {{ .Values.q }}\n  z`, rendered: 'x value z\n' },
  {
    data: `a: "x\\n{{#if .Values.q}}\\ny\\n{{/if}}\\n"`,
    rendered: 'x\n\ny\n\n',
    kpt: /a block tag between \\n in double quotes/,
    kustomize: { differs: 'x\ny\n' }
  },
  { data: `a: '{{{{raw}}}}{{x}}{{{{/raw}}}}'`, rendered: '{{x}}' },
  { data: `a: "{{#if .Values.q}}yes{{else}}no{{/if}}"`, rendered: 'yes' },
  { data: `a: '\${GIT_COMMIT} $\${GIT_COMMIT}'`, rendered: `${revision} $\${GIT_COMMIT}` }
]

const configMapOf = (data: string, index: number) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c${index}\ndata:\n${data.replace(/^(?=.)/gm, '  ')}\n`
const maps = cases.map(({ data }, index) => configMapOf(data, index))

/** The items that a tool sends to a function, as one ResourceList for each object. */
function lists(sent: string): readonly string[] {
  const head = sent.slice(0, sent.indexOf('\n- ') + 1)
  const tail = `functionConfig: {apiVersion: mlgitops.io/v1alpha1, kind: RenderTransformer, metadata: {name: f}, spec: {path: app, revision: ${revision}}}\n`
  const end = sent.indexOf('\nfunctionConfig:') + 1
  const items = sent.slice(head.length, end).split(/^(?=- )/m)
  return items.filter(item => /^ {2}kind: ConfigMap$/m.test(item)).map(item => head + item + tail)
}

interface Host {
  readonly name: 'kpt' | 'kustomize'
  readonly command: string
  readonly args: readonly string[]
}

const hosts: readonly Host[] = [
  { name: 'kpt', command: 'kpt', args: ['fn', 'eval', '.', '--exec', './send.sh'] },
  {
    name: 'kustomize',
    command: path.join(peersFolder(process.env), 'kustomize'),
    args: ['build', '--enable-alpha-plugins', '--enable-exec', '.']
  }
]

/** The ResourceList that a host sends for the objects of a folder. */
function sentBy({ name, command, args }: Host, files: readonly string[]): string {
  const folder = mkdtempSync(path.join(work, `${name}-`))
  const write = (file: string, text: string) => {
    writeFileSync(path.join(folder, file), text)
  }
  for (const [index, text] of files.entries()) write(`c${index}.yaml`, text)
  write('send.sh', '#!/bin/sh\ntee sent.txt\n')
  chmodSync(path.join(folder, 'send.sh'), 0o755)
  if (name === 'kustomize') {
    write(
      'kustomization.yaml',
      `resources: [${files.map((_, index) => `c${index}.yaml`).join()}]\ntransformers: [fn.yaml]\n`
    )
    write(
      'fn.yaml',
      'apiVersion: v1\nkind: Send\nmetadata:\n  name: f\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./send.sh}\n'
    )
  } else write('Kptfile', 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: p}\n')
  const { status, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return readFileSync(path.join(folder, 'sent.txt'), 'utf8')
}

async function transform(list: string): Promise<JsonValue> {
  const input = { args: [], env: {}, folder: work }
  const { stdout, stderr, exitCode } = await functionCommand(input, () => Promise.resolve(list))
  if (exitCode !== 0) return stderr
  const items = member(readYaml(stdout, { file: 'stdout', exactNumbers: 'all' })[0]?.value, 'items')
  return member((items as readonly JsonObject[])[0], 'data') ?? null
}

t.test('render', async t => {
  for (const [index, { data, rendered }] of cases.entries()) {
    writeFileSync(path.join(work, 'app/x.yaml'), maps[index] ?? '')
    const { stdout, stderr } = await render(work, 'app', '--revision', revision)
    if (rendered instanceof RegExp) t.match(stderr, rendered, data)
    else t.same(objects(stdout)[0]?.data, { a: rendered }, data)
  }
})

for (const host of hosts) {
  const isMissing = spawnSync(host.command, ['version']).status !== 0
  t.test(
    `a transformer of ${host.name}`,
    { skip: isMissing && `${host.name} was not found` },
    async t => {
      const sent = lists(sentBy(host, maps))
      t.equal(sent.length, cases.length, 'every object is sent')
      for (const [index, map] of cases.entries()) {
        const { data, rendered } = map
        const answer = map[host.name] ?? 'same'
        const given = await transform(sent.find(list => list.includes(`name: c${index}\n`)) ?? '')
        if (answer instanceof RegExp) t.match(given, answer, data)
        else if (answer !== 'same') t.same(given, { a: answer.differs }, data)
        else if (rendered instanceof RegExp) t.match(given, { a: String }, `accepted: ${data}`)
        else t.same(given, { a: rendered }, data)
      }
    }
  )
}

/** Scalars without expressions, and what the function reads; kustomize reads a date as a time of day. */
const scalars: Readonly<Record<string, JsonValue>> = {
  'on: yes': { on: 'yes' },
  'n: off': { n: 'off' },
  'y: True': { y: true },
  'No: NO': { No: 'NO' },
  'octal: 0777': { octal: 511 },
  'octal: 0o17': { octal: 15 },
  'grouped: 1_000': { grouped: 1000 },
  'binary: 0b11': { binary: 3 },
  'hex: 0x1F': { hex: 31 },
  'plus: +5': { plus: 5 },
  'large: 18446744073709551615': { large: 18446744073709551615n },
  'exponent: 1e3': { exponent: 1000 },
  'fraction: 1.50': { fraction: 1.5 },
  'minutes: 1:30': { minutes: '1:30' },
  'nothing: ~': { nothing: null },
  'empty:': { empty: null },
  'text: !!str 5': { text: '5' },
  'bytes: !!binary aGVsbG8=': { bytes: 'hello' },
  'number: !!int "5"': { number: 5 },
  'escaped: "\\u0041\\x42"': { escaped: 'AB' },
  'a: &a foo\nb: *a': { a: 'foo', b: 'foo' }
}

for (const host of hosts) {
  const isMissing = spawnSync(host.command, ['version']).status !== 0
  t.test(
    `scalars that ${host.name} sends`,
    { skip: isMissing && `${host.name} was not found` },
    async t => {
      const data = [...Object.keys(scalars), 'date: 2020-01-01']
      const sent = lists(sentBy(host, data.map(configMapOf)))
      const expected = [
        ...Object.values(scalars),
        { date: host.name === 'kpt' ? '2020-01-01' : '2020-01-01T00:00:00Z' }
      ]
      t.equal(sent.length, expected.length, 'every object is sent')
      for (const [index, value] of expected.entries()) {
        const list = sent.find(text => text.includes(`name: c${index}\n`)) ?? ''
        t.same(await transform(list), value, data[index] ?? '')
      }
    }
  )
}
