import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import type { CorpusObject } from './objects.ts'
import type { Refusals } from './ours.ts'
import type { Pair } from './pairs.ts'
import type { Corpus, Programs } from './sources.ts'

/** What each peer refuses, by the peer and the policy; a peer without its program is absent. */
export function peerRefusals(
  pairs: readonly Pair[],
  objects: readonly CorpusObject[],
  { corpora, programs }: { readonly corpora: readonly Corpus[]; readonly programs: Programs }
): Refusals {
  const scratch = mkdtempSync(path.join(tmpdir(), 'mlgitops-corpora-'))
  const folderOf = (name: string) => corpora.find(corpus => corpus.name === name)?.folder ?? ''
  try {
    return new Map([
      ...ofPodSecurity(programs.podSecurity, pairs, objects),
      ...ofGatekeeper(programs.gator, pairs, objects, {
        scratch,
        folder: folderOf('gatekeeper-library')
      }),
      ...ofKyverno(programs.kyverno, pairs, objects, {
        scratch,
        folder: folderOf('kyverno-policies')
      })
    ])
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

interface Folders {
  readonly scratch: string
  /** The corpus. */
  readonly folder: string
}

function ofPodSecurity(
  program: string | undefined,
  pairs: readonly Pair[],
  objects: readonly CorpusObject[]
): Map<string, Set<string>> {
  const { add, refused } = collector('pod-security', program, pairs)
  if (program === undefined) return refused
  const pods = objects.filter(({ kind }) => kind === 'Pod')
  const input = pods.map(({ object }) => `${JSON.stringify(object)}\n`).join('')
  for (const line of must(program, [], input).trim().split('\n')) {
    const { name, refusedBy } = JSON.parse(line) as {
      readonly name: string
      readonly refusedBy: readonly string[]
    }
    for (const check of refusedBy) add(check, name)
  }
  return refused
}

/** Constraints are about any namespace here: all objects are in one. */
function ofGatekeeper(
  program: string | undefined,
  pairs: readonly Pair[],
  objects: readonly CorpusObject[],
  { scratch, folder }: Folders
): Map<string, Set<string>> {
  const { own, add, refused } = collector('gatekeeper', program, pairs)
  if (program === undefined) return refused
  const templates = new Set(
    own.map(({ policy }) => path.join(folder, policy, '../../template.yaml'))
  )
  const constraints = own.map(({ policy }) =>
    anywhere(readObject(path.join(folder, policy, 'constraint.yaml')))
  )
  const files = [
    ...templates,
    ...write(scratch, 'constraints', constraints),
    ...write(
      scratch,
      'objects',
      objects.map(({ object }) => object)
    )
  ]
  const args = ['test', '--output', 'json', ...files.flatMap(file => ['--filename', file])]
  for (const result of JSON.parse(must(program, args)) as readonly JsonValue[]) {
    const named = (key: string) => stringMember(member(member(result, key), 'metadata'), 'name')
    add(named('constraint') ?? '', named('violatingObject') ?? '')
  }
  return refused
}

function anywhere(constraint: JsonObject): JsonObject {
  const spec = member(constraint, 'spec') as JsonObject
  const match = member(spec, 'match') as JsonObject
  const { namespaces, ...kept } = match
  return namespaces === undefined ? constraint : { ...constraint, spec: { ...spec, match: kept } }
}

function ofKyverno(
  program: string | undefined,
  pairs: readonly Pair[],
  objects: readonly CorpusObject[],
  { scratch, folder }: Folders
): Map<string, Set<string>> {
  const { own, add, refused } = collector('kyverno', program, pairs)
  if (program === undefined) return refused
  const policies = own.map(({ policy }) => path.join(folder, policy))
  const [file] = write(
    scratch,
    'objects',
    objects.map(({ object }) => object)
  )
  const args = ['apply', ...policies, '--resource', file, '--policy-report']
  for (const report of reportsOf(must(program, args))) {
    const results = member(report, 'results')
    for (const result of isJsonArray(results) ? results : []) {
      if (!['fail', 'error'].includes(stringMember(result, 'result') ?? '')) continue
      const resources = member(result, 'resources')
      for (const resource of isJsonArray(resources) ? resources : []) {
        add(stringMember(result, 'policy') ?? '', stringMember(resource, 'name') ?? '')
      }
    }
  }
  return refused
}

/** The report follows lines for people. */
function reportsOf(output: string): readonly JsonValue[] {
  const start = output.search(/^apiVersion: /m)
  if (start === -1) throw new Error(`kyverno printed no report: ${output.slice(0, 500)}`)
  return readYaml(output.slice(start), { file: 'report' }).map(({ value }) => value)
}

function collector(peer: Pair['peer'], program: string | undefined, pairs: readonly Pair[]) {
  const own = program === undefined ? [] : pairs.filter(pair => pair.peer === peer)
  const refused = new Map(own.map(({ id }) => [`${peer} ${id}`, new Set<string>()]))
  const add = (id: string, name: string) => refused.get(`${peer} ${id}`)?.add(name)
  return { own, refused, add }
}

function readObject(file: string): JsonObject {
  const value = readYaml(readFileSync(file, 'utf8'), { file })[0]?.value ?? null
  if (!isJsonObject(value)) throw new Error(`${file} has no object`)
  return value
}

/** JSON is YAML, in as many documents. */
function write(scratch: string, name: string, objects: readonly JsonObject[]): [string] {
  const file = path.join(scratch, `${name}.yaml`)
  writeFileSync(file, objects.map(object => `---\n${JSON.stringify(object)}\n`).join(''))
  return [file]
}

const maxOutputBytes = 512 * 1024 * 1024

/** The output of a peer. Violations make it exit with 1, so the exit code says nothing here. */
function must(program: string, args: readonly string[], input = ''): string {
  const { stdout, stderr, error } = spawnSync(program, args, {
    input,
    encoding: 'utf8',
    maxBuffer: maxOutputBytes
  })
  if (error !== undefined) throw error
  if (stdout === '') throw new Error(`${program} printed nothing: ${stderr.slice(0, 1_000)}`)
  return stdout
}
