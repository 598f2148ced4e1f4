import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { run } from '../../../bin/run.ts'
import type { CommandResult } from '../../../common/command.ts'
import { randomDocument } from './random-document.ts'
import type { Outcome } from './findings.ts'
import type { Random } from './random.ts'
import { randomTemplate } from './templates.ts'

/** A random folder with an application path, `app`. It is removed with {@link removeTree}. */
export interface Tree {
  readonly folder: string
  /** What was written, for a finding. */
  readonly entries: readonly string[]
}

const names = [
  ...[
    'x.yaml',
    'y.yml',
    'z.yaml',
    'values.yaml',
    'mlgitops.yaml',
    'configs/base.yaml',
    'configs/s.yaml'
  ],
  ...[
    'b/x.yaml',
    'b/c/d.yaml',
    'bias_audit.md',
    'bias_audit.json',
    'values.schema.json',
    '.hidden.yaml'
  ],
  ...[
    ' .yaml',
    '-n.yaml',
    'a\nb.yaml',
    'é🙂.yaml',
    '\\.yaml',
    '*.yaml',
    '{{x}}.yaml',
    `${'n'.repeat(250)}.yaml`
  ],
  ...[
    '.yaml',
    'configs',
    'b',
    'notes.txt',
    '.gitmodules',
    'team.yaml',
    '../values.yaml',
    '../configs/base.yaml'
  ]
] as const
const rareNames = [
  'kustomization.yaml',
  'Kustomization',
  'Chart.yaml',
  'templates/x.yaml',
  'Kptfile'
] as const
const targets = [
  ...[
    'x.yaml',
    '../x.yaml',
    '../../outside',
    '/etc/hostname',
    '/',
    '.',
    '..',
    'nowhere',
    'loop',
    '../app/b'
  ],
  ...['../.git/config', 'vendor/x.yaml', `${'l/'.repeat(400)}x`, 'b', 'y.yml', '\\', 'a\nb.yaml']
] as const
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`
const projects = [
  'templates: {include: ["**"]}',
  'templates: {include: ["**/*.yaml", x.yaml], verbatim: [x.yaml]}',
  'templates: {variables: [x.yaml, "*"]}',
  'templates: {exclude: ["*"]}',
  'values: [team.yaml, ../values.yaml]',
  'values: [../../x, /etc/passwd]',
  'evidence: {biasAudit: x.yaml}',
  'patches: [{target: {kind: ConfigMap}, merge: {data: {a: null}}}]',
  'helm: {chart: b}',
  'environments: {s: {values: [nowhere.yaml]}}'
] as const

/** Faults that are not about a file. */
const withoutFile = new Set(['ENVIRONMENT_UNKNOWN', 'HELM_MISSING', 'KUSTOMIZE_MISSING'])

/** Writes a random tree. */
export function makeTree(random: Random): Tree {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-fuzz-'))
  const entries: string[] = []
  if (random.chance(0.97)) mkdirSync(path.join(folder, 'app'))
  const count = 1 + random.integer(7)
  for (let made = 0; made < count; made += 1) {
    const name = random.chance(0.03) ? random.pick(rareNames) : random.pick(names)
    try {
      entries.push(`${name}: ${makeEntry(random, path.join(folder, 'app', name), name)}`)
    } catch {
      // Another entry is in its place.
    }
  }
  return { folder, entries }
}

function makeEntry(random: Random, file: string, name: string): string {
  mkdirSync(path.dirname(file), { recursive: true })
  const roll = random.next()
  if (roll < 0.12) {
    const target = random.pick(targets)
    symlinkSync(target, file)
    return `-> ${target}`
  }
  if (roll < 0.15) {
    mkdirSync(file)
    return 'a folder'
  }
  const content = contentOf(random, path.basename(name))
  writeFileSync(file, content)
  return JSON.stringify(content.toString('latin1'))
}

function contentOf(random: Random, name: string): Buffer {
  const roll = random.next()
  if (roll < 0.03) return Buffer.from(pointer)
  if (roll < 0.05) return Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe, 0x0a])
  if (roll < 0.07) return Buffer.alloc(0)
  const text = textOf(random, name)
  const lines = random.chance(0.1) ? text.replaceAll('\n', '\r\n') : text
  return Buffer.from(random.chance(0.08) ? `\uFEFF${lines}` : lines)
}

function textOf(random: Random, name: string): string {
  const object = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: n${random.integer(1_000)}}\n`
  if (random.chance(0.1)) return randomDocument(random)
  if (name === 'mlgitops.yaml')
    return `apiVersion: mlgitops.io/v1alpha1\nkind: Project\n${random.pick(projects)}\n`
  if (name === 'Chart.yaml') return 'apiVersion: v2\nname: c\nversion: 1.0.0\n'
  if (name === 'kustomization.yaml' || name === 'Kustomization')
    return `resources: [${random.pick(['x.yaml', '../x.yaml', 'nowhere', 'b', '*.yaml'])}]\n`
  if (name.includes('schema'))
    return random.pick(['{}', '{"type": "object"}', '{"$ref": "#/x"}', '[', '{"properties": 1}'])
  if (/values|configs|base|team|^s\.yaml/.test(name))
    return random.pick([
      'v: 1\n',
      'v: {a: [1, 2]}\n',
      '',
      '- v\n',
      'v: "no"\nyes: true\n',
      'gitCommit: x\n'
    ])
  const line = random.pick([
    'v: "1"',
    'v: {{ .Values.v }}',
    'v: "${GIT_COMMIT}${ENVIRONMENT}"',
    'v: "{{#if .Values.v}}a{{else}}b{{/if}}"',
    'v: |\n    {{ toYaml .Values | nindent 4 }}',
    `v: |\n    ${randomTemplate(random).replaceAll('\n', '\n    ')}`
  ])
  return `${object}data:\n  ${line}\n`
}

/** Renders a tree: objects, or an error that names a file and has no absolute path. */
export async function renderTree({ folder, entries }: Tree, random: Random): Promise<Outcome> {
  const environment = random.chance(0.2)
    ? ['--environment', random.pick(['s', 'base', '../s', ''])]
    : []
  const args = [
    'render',
    random.chance(0.9) ? 'app' : random.pick(['app/b', '.']),
    '--revision',
    'a'.repeat(40),
    ...environment
  ]
  const input = entries.join('\n')
  try {
    const result = await run({ args, env: {}, folder })
    const outcome = judge(result, folder)
    if (typeof outcome !== 'string') return outcome
    return { kind: 'differs', input, detail: `${args.join(' ')}: ${outcome}` }
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? '') : String(error)
    return { kind: 'differs', input, detail }
  }
}

/** The outcome, or what is wrong with the result. */
function judge({ stdout, stderr, exitCode }: CommandResult, folder: string): Outcome | string {
  if (stderr.includes(folder) || stdout.includes(folder)) return `the folder's path: ${stderr}`
  if (exitCode === 0) return stdout === '' ? 'no output' : { kind: 'same' }
  if (stdout !== '') return 'output and an error'
  const [, place = '', code] = /^mlgitops: (.*: ?)?[^]+? \[([A-Z_]+)\]\n/.exec(stderr) ?? []
  if (code === undefined || (place === '' && !withoutFile.has(code))) return stderr
  return { kind: 'refused', reason: code }
}

/** Removes the folder of a tree. */
export function removeTree({ folder }: Tree): void {
  rmSync(folder, { recursive: true, force: true })
}
