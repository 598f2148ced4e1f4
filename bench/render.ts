import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A command to measure. */
interface Peer {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly folder: string
}

const rounds = 15
const root = path.join(import.meta.dirname, '..')
const bundle = path.join(root, 'dist/mlgitops.js')
const work = mkdtempSync(path.join(tmpdir(), 'mlgitops-bench-'))
const env = { PATH: process.env.PATH, HOME: work, NODE_COMPILE_CACHE: path.join(work, 'cache') }
const commit = '0123456'.padEnd(40, '7')

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(work, file)), { recursive: true })
  writeFileSync(path.join(work, file), text)
}

/** The example's churn model, as a chart and as a kustomization with the same objects. */
function writeSmall(): void {
  const example = path.join(root, 'manifests/examples/mlops-repo')
  cpSync(example, path.join(work, 'repo'), { recursive: true })
  const { command, args, folder } = ours('repo', churn)
  const rendered = execFileSync(command, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: 'pipe'
  })
  write('small-chart/Chart.yaml', 'apiVersion: v2\nname: churn\nversion: 0.1.0\n')
  write('small-chart/values.yaml', `commit: "${commit}"\n`)
  for (const [index, text] of rendered.split('---\n').slice(1).entries()) {
    write(`small-chart/templates/${index}.yaml`, text.replaceAll(commit, '{{ .Values.commit }}'))
  }
  write('small-kustomize/kustomization.yaml', 'resources: [all.yaml]\n')
  write('small-kustomize/all.yaml', rendered)
}

function writeThousand(): void {
  const configMap = (index: number, tag: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map-${index}\n  labels:\n    app: demo\ndata:\n  a: "${tag}"\n  b: ${tag}\n  c: value-${index}\n`
  const all: string[] = []
  for (let index = 0; index < 1000; index++) {
    for (const folder of ['chart/templates', 'thousand']) {
      write(`${folder}/${index}.yaml`, configMap(index, '{{ .Values.tag }}'))
    }
    all.push(configMap(index, 'v1'))
  }
  write('chart/Chart.yaml', 'apiVersion: v2\nname: demo\nversion: 0.1.0\n')
  for (const folder of ['chart', 'thousand']) write(`${folder}/values.yaml`, 'tag: v1\n')
  write('kustomize/kustomization.yaml', 'resources: [all.yaml]\n')
  write('kustomize/all.yaml', all.join('---\n'))
}

const churn = ['models/churn-prediction', '--environment', 'staging']

function ours(folder: string, args: readonly string[]): Peer {
  const all = [bundle, 'render', ...args, '--revision', commit]
  return {
    name: 'mlgitops render',
    command: process.execPath,
    args: all,
    folder: path.join(work, folder)
  }
}

function peers(chart: string, kustomization: string): readonly Peer[] {
  return [
    { name: 'helm template', command: 'helm', args: ['template', 'x', chart], folder: work },
    {
      name: 'kubectl kustomize',
      command: 'kubectl',
      args: ['kustomize', kustomization],
      folder: work
    }
  ]
}

/** Median wall time of some runs, and the peak memory of one, if `time` is installed. */
function measure({ command, args, folder }: Peer) {
  const options = { cwd: folder, env, stdio: 'ignore' } as const
  if (spawnSync(command, args, options).status !== 0) return undefined
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now()
    spawnSync(command, args, options)
    return performance.now() - start
  }).sort((a, b) => a - b)
  const code =
    'import resource,subprocess,sys; subprocess.run(sys.argv[1:], stdout=-3, stderr=-3); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)'
  const usage = spawnSync('python3', ['-c', code, command, ...args], {
    cwd: folder,
    env,
    encoding: 'utf8'
  })
  return { ms: times[rounds >> 1] ?? NaN, mib: Number(usage.stdout) / 1024 }
}

function report(title: string, measured: readonly Peer[]): void {
  process.stdout.write(`\n${title}\n`)
  const results = measured.map(peer => ({ name: peer.name.padEnd(20), result: measure(peer) }))
  const helm = results.find(({ name }) => name.startsWith('helm'))?.result?.ms ?? NaN
  for (const { name, result } of results) {
    const figures =
      result === undefined
        ? 'absent: skipped'
        : `${result.ms.toFixed(0).padStart(5)} ms ${result.mib.toFixed(0).padStart(5)} MiB  ${(result.ms / helm).toFixed(2)} x helm`
    process.stdout.write(`  ${name} ${figures}\n`)
  }
}

try {
  writeSmall()
  writeThousand()
  const empty = {
    name: 'empty node process',
    command: process.execPath,
    args: ['-e', '0'],
    folder: work
  }
  report('churn-prediction, 4 objects', [
    empty,
    ours('repo', churn),
    ...peers('small-chart', 'small-kustomize')
  ])
  report('1,000 templated ConfigMaps', [ours('thousand', ['.']), ...peers('chart', 'kustomize')])
} finally {
  rmSync(work, { recursive: true, force: true })
}
