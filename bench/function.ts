import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { peersFolder } from '../test/e2e/peers/peer.ts'

/**
 * What `mlgitops fn` adds to `kustomize build` of 1,000 objects: against a generator that is `cat` of a
 * ResourceList with the same objects, so that what kustomize does with them is in both.
 */
const rounds = 9
const objects = 1000
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
  const list = `kind: ResourceList\nfunctionConfig:\n  ${config('x').trimEnd().replaceAll('\n', '\n  ')}\n`
  const answer = spawnSync('mlgitops-fn', {
    cwd: path.join(work, 'repo/models'),
    env,
    input: list.replace('../models', '.'),
    maxBuffer: 1 << 26
  })
  if (answer.status !== 0) throw new Error(answer.stderr.toString())
  writeFileSync(path.join(bin, 'answer.yaml'), answer.stdout)
  write('bin/ready', `#!/bin/sh\nexec cat ${path.join(bin, 'answer.yaml')}\n`)
  chmodSync(path.join(bin, 'ready'), 0o755)
  for (const command of ['mlgitops-fn', 'ready']) {
    write(`repo/${command}/kustomization.yaml`, 'generators: [x.yaml]\n')
    write(`repo/${command}/x.yaml`, config(command))
  }
}

/** Wall milliseconds of one build, and what it printed. */
function build(command: string): { readonly ms: number; readonly text: string } {
  const args = ['build', '--enable-alpha-plugins', '--enable-exec', command]
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync('kustomize', args, {
    cwd: path.join(work, 'repo'),
    env,
    maxBuffer: 1 << 26
  })
  if (status !== 0) throw new Error(stderr.toString())
  return { ms: performance.now() - start, text: stdout.toString() }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN
}

try {
  prepare()
  if (build('mlgitops-fn').text !== build('ready').text) throw new Error('the two differ')
  const pairs = Array.from({ length: rounds }, () => [build('mlgitops-fn').ms, build('ready').ms])
  const [ours, ready] = [0, 1].map(at => median(pairs.map(pair => pair[at] ?? NaN)))
  const added = median(pairs.map(([a = 0, b = 0]) => a - b))
  process.stdout.write(
    `kustomize build, ${objects} objects, median of ${rounds}: with mlgitops fn ${ours?.toFixed(0)} ms, with the same objects ready ${ready?.toFixed(0)} ms; added ${added.toFixed(0)} ms\n`
  )
} finally {
  rmSync(work, { recursive: true, force: true })
}
