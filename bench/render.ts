import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { mean, measureInTurns, median } from './render/measure.ts'
import type { Measured, Peer } from './render/measure.ts'

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '41' } } })
const rounds = Number(options.rounds)
const root = path.join(import.meta.dirname, '..')
const bundle = path.join(root, 'dist/mlgitops.js')
const work = mkdtempSync(path.join(tmpdir(), 'mlgitops-bench-'))
const env = { PATH: process.env.PATH, HOME: work }
const commit = '0123456'.padEnd(40, '7')
const application = 'models/churn-prediction'

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(work, file)), { recursive: true })
  writeFileSync(path.join(work, file), text)
}

/** The example's churn model, as a chart and as a kustomization with the same objects. */
function writeSmall(): void {
  const example = path.join(root, 'manifests/examples/mlops-repo')
  cpSync(example, path.join(work, 'origin'), { recursive: true })
  cpSync(example, path.join(work, 'repo'), { recursive: true })
  // Without Git history, the model commit that the audit names is not known.
  rmSync(path.join(work, 'repo', application, 'bias_audit.md'))
  const { command, args, folder } = ours('repo', [...churn, '--revision', commit])
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

/** A clone of the example with some history, and a signing key. Returns the commit. */
function writeClone(): string {
  const git = (folder: string, ...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@example.com', ...args], {
      cwd: path.join(work, folder),
      env,
      encoding: 'utf8'
    }).trim()
  git('origin', 'init', '--quiet', '--initial-branch=main')
  for (let count = 0; count < 12; count++) {
    write('origin/README.md', `${count}\n`)
    git('origin', 'add', '--all')
    git('origin', 'commit', '--quiet', '--message', `${count}`)
  }
  git('.', 'clone', '--quiet', 'origin', 'clone')
  git('clone', 'remote', 'set-url', 'origin', 'https://git.example.com/acme/mlops-repo.git')
  execFileSync(process.execPath, [bundle, 'keygen', '--out-dir', path.join(work, 'keys')])
  return git('clone', 'rev-parse', 'HEAD')
}

const churn = [application, '--environment', 'staging']

function ours(folder: string, args: readonly string[], more: Partial<Peer> = {}): Peer {
  return {
    name: 'mlgitops render',
    command: process.execPath,
    args: [bundle, 'render', ...args],
    folder: path.join(work, folder),
    env,
    ...more
  }
}

/** A signed render of the clone, by a person and by Argo CD. */
function signed(head: string): readonly Peer[] {
  const key = ['--key', path.join(work, 'keys/signing.key')]
  const argocd = {
    ARGOCD_APP_NAME: 'churn',
    ARGOCD_APP_NAMESPACE: 'ml-staging',
    ARGOCD_APP_REVISION: head,
    ARGOCD_APP_SOURCE_PATH: application,
    ARGOCD_APP_SOURCE_REPO_URL: 'https://git.example.com/acme/mlops-repo.git',
    ARGOCD_ENV_ENVIRONMENT: 'staging'
  }
  return [
    ours('clone', [...churn, ...key]),
    ours(`clone/${application}`, ['.', ...key], {
      name: '  as Argo CD calls it',
      env: { ...env, ...argocd }
    })
  ]
}

const peer = (name: string, ...args: readonly string[]): Peer => {
  const [command = ''] = name.split(' ')
  return { name, command, args, folder: work, env }
}
const helm = (chart: string) => peer('helm template', 'template', 'x', chart)
const kubectl = (folder: string) => peer('kubectl kustomize', 'kustomize', folder)

function report(title: string, peers: readonly Peer[]): void {
  process.stdout.write(`\n${title}\n`)
  const measured = measureInTurns(peers, rounds)
  const base = measured.find(({ name }) => name === 'helm template')
  for (const { name } of peers) {
    const result = measured.find(each => each.name === name)
    const text = result === undefined ? 'not installed: skipped' : figures(result, base)
    process.stdout.write(`  ${name.padEnd(20)} ${text}\n`)
  }
}

/** The ratio of the wall time is the median of the ratios of all rounds; that of the processor, of the means. */
function figures({ wallMs, cpuMs, mib }: Measured, base: Measured | undefined): string {
  const ratios = wallMs.map((ms, round) => ms / (base?.wallMs[round] ?? NaN))
  const cpu = mean(cpuMs) / mean(base?.cpuMs ?? [])
  const shown = (value: number, unit: string) => `${value.toFixed(0).padStart(5)} ${unit}`
  return [
    `${shown(median(wallMs), 'ms')} ${median(ratios).toFixed(2)} x helm`,
    `${shown(mean(cpuMs), 'ms of processor')} ${cpu.toFixed(2)} x helm`,
    shown(mib, 'MiB')
  ].join('  ')
}

try {
  writeSmall()
  writeThousand()
  const head = writeClone()
  const revision = ['--revision', commit]
  const empty = { ...ours('.', []), name: 'empty node process', args: ['-e', '0'] }
  report('churn-prediction, 4 objects', [
    empty,
    ours('repo', [...churn, ...revision]),
    helm('small-chart'),
    kubectl('small-kustomize')
  ])
  report('the same from a Git clone, signed', [...signed(head), helm('small-chart')])
  report('1,000 templated ConfigMaps', [
    ours('thousand', ['.', ...revision]),
    helm('chart'),
    kubectl('kustomize')
  ])
} finally {
  rmSync(work, { recursive: true, force: true })
}
