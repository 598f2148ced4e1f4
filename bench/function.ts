import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { peersFolder } from '../test/e2e/peers/peer.ts'

/**
 * Measures what `mlgitops fn` adds to `kustomize build` of 1,000 objects. The same objects come from the
 * function; from `cat` of its answer, which has all of kustomize's cost for a function; and from plain
 * resources, which kustomize reads itself. Rounds alternate between the three. CPU time is printed next to
 * the wall time, because it also means something on a busy machine.
 */
const rounds = 15
const objects = 1000
const ways = ['function', 'cat', 'plain'] as const
type Way = (typeof ways)[number]

const root = path.join(import.meta.dirname, '..')
const work = mkdtempSync(path.join(tmpdir(), 'mlgitops-bench-function-'))
const bin = path.join(work, 'bin')
const commit = 'abcdef0'.padEnd(40, '7')
const env = {
  HOME: work,
  NODE_COMPILE_CACHE: path.join(work, 'cache'),
  PATH: [bin, path.dirname(process.execPath), process.env.PATH, peersFolder(process.env)].join(':')
}

function write(file: string, text: string): void {
  const absolute = path.join(work, file)
  mkdirSync(path.dirname(absolute), { recursive: true })
  writeFileSync(absolute, text)
}

const config = (command: string) => `apiVersion: mlgitops.io/v1alpha1
kind: RenderGenerator
metadata:
  name: x
  annotations:
    config.kubernetes.io/function: |
      exec: { path: ${command} }
spec: { path: ../models, revision: ${commit} }
`
const list = `kind: ResourceList\nfunctionConfig:\n  ${config('x').trimEnd().replaceAll('\n', '\n  ')}\n`

function prepare(): void {
  write('repo/configs/base.yaml', 'tag: v1\n')
  for (let index = 0; index < objects; index++) {
    write(
      `repo/models/${index}.yaml`,
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map-${index}\ndata:\n  a: {{ .Values.tag }}\n  b: value-${index}\n`
    )
  }
  mkdirSync(bin)
  symlinkSync(path.join(root, 'dist/mlgitops.js'), path.join(bin, 'mlgitops-fn'))
  writeGenerator('function', 'mlgitops-fn')
  writeFileSync(path.join(bin, 'answer.yaml'), answer())
  write('bin/ready', `#!/bin/sh\nexec cat ${path.join(bin, 'answer.yaml')}\n`)
  chmodSync(path.join(bin, 'ready'), 0o755)
  writeGenerator('cat', 'ready')
  write('repo/plain/all.yaml', build('function'))
  write('repo/plain/kustomization.yaml', 'resources: [all.yaml]\n')
}

function writeGenerator(way: Way, command: string): void {
  write(`repo/${way}/kustomization.yaml`, 'generators: [x.yaml]\n')
  write(`repo/${way}/x.yaml`, config(command))
}

function answer(): string {
  return run('mlgitops-fn', [], 'repo/function', list)
}

function build(way: Way): string {
  return run('kustomize', ['build', '--enable-alpha-plugins', '--enable-exec', way], 'repo')
}

function run(command: string, args: readonly string[], folder: string, input = ''): string {
  const cwd = path.join(work, folder)
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...{ cwd, env, input, maxBuffer: 1 << 26, encoding: 'utf8' }
  })
  if (status === 0) return stdout
  throw error ?? new Error(stderr)
}

interface Taken {
  readonly ms: number
  readonly cpuMs: number
}

function timed(action: () => string): Taken {
  const [start, cpuStart] = [performance.now(), childrenCpuMs()]
  action()
  return { ms: performance.now() - start, cpuMs: childrenCpuMs() - cpuStart }
}

/** CPU time of ended processes and their children, from Linux's /proc; NaN elsewhere. */
function childrenCpuMs(): number {
  const tickMs = 10
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ')
    return (Number(fields?.[13]) + Number(fields?.[14])) * tickMs
  } catch {
    return NaN
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function say(text: string, values: readonly Taken[]): void {
  const ms = median(values.map(each => each.ms))
  const cpuMs = mean(values.map(each => each.cpuMs))
  process.stdout.write(
    `  ${text.padEnd(52)}${ms.toFixed(0).padStart(6)} ms ${cpuMs.toFixed(0).padStart(6)} ms of a core\n`
  )
}

function less(left: Taken, right: Taken): Taken {
  return { ms: left.ms - right.ms, cpuMs: left.cpuMs - right.cpuMs }
}

/** Runs each way once. */
function round() {
  return {
    function: timed(() => build('function')),
    cat: timed(() => build('cat')),
    plain: timed(() => build('plain')),
    alone: timed(answer)
  }
}

const rows: readonly (readonly [string, (taken: ReturnType<typeof round>) => Taken])[] = [
  ['kustomize build of plain resources', taken => taken.plain],
  ['kustomize build with a function that is cat', taken => taken.cat],
  ['kustomize build with mlgitops fn', taken => taken.function],
  ['mlgitops fn without kustomize', taken => taken.alone],
  ['added by mlgitops fn over cat (aim: 150)', taken => less(taken.function, taken.cat)],
  ['added by any function over plain resources', taken => less(taken.cat, taken.plain)]
]

try {
  prepare()
  const [first, ...others] = ways.map(build)
  if (others.some(other => other !== first)) throw new Error('the three print different objects')
  const all = Array.from({ length: rounds }, round)
  process.stdout.write(
    `${objects} objects, ${rounds} rounds: median of the time, mean of the time on a core\n`
  )
  for (const [text, read] of rows) say(text, all.map(read))
} finally {
  rmSync(work, { recursive: true, force: true })
}
