import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { serveGit } from '../test/loop/http-backend.ts'

// Registers runs in a repository of 10,000 commits and 1,000 models behind git http-backend:
//   npm run bench:register
// Prints wall and processor time of the command with its git processes, without the server's, and its memory.

const [commits, models, rounds] = [10_000, 1_000, 9]
const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-bench-register-'))
const bare = path.join(folder, 'bare.git')

function git(input: string, ...args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync('git', ['-C', bare, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 30
  })
  if (status !== 0) throw new Error(stderr)
  return stdout.trim()
}

/** A history in which each commit registers one model. */
function history(): string {
  const lines: string[] = []
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`
  for (let index = 0; index < commits; index++) {
    const model = `model-${index % models}`
    lines.push(
      `commit refs/heads/main\ncommitter A <a@example.com> ${1_700_000_000 + index * 60} +0000\n`,
      data(`Register ${model}\n\nModel: ${model}\nRegistration-Id: staging/u-${index}\n`)
    )
    if (index < models) {
      lines.push(`M 100644 inline models/${model}/train.py\n`, data(`print(${index})\n`))
    }
    lines.push(`M 100644 inline registry/${model}/staging.yaml\n`, data(`version: "1.${index}"\n`))
  }
  return lines.join('')
}

interface Measured {
  readonly wallMs: number
  readonly processorMs: number
  readonly memoryMiB: number
}

async function register(url: string, round: number): Promise<Measured> {
  const result = path.join(folder, 'result.json')
  writeFileSync(
    result,
    JSON.stringify({
      model: 'model-7',
      version: `2.${round}`,
      modelDigest: `sha256:${'a'.repeat(64)}`,
      run: { system: 'bench', id: `r-${round}`, uid: `bench-${round}` },
      commit: git('', 'rev-parse', 'main'),
      artifact: { uri: 's3://models/model.bin' },
      dataset: { name: 'd', digest: 'md5:0123456789abcdef' },
      metrics: { precision: 0.9 }
    })
  )
  const report = path.join(folder, 'time')
  const command = [
    process.execPath,
    path.resolve('bin/mlgitops.js'),
    'register',
    '--result',
    result
  ]
  const options = ['--repo', `${url}/bare.git`, '--environment', 'staging', '--no-artifact-check']
  const startMs = performance.now()
  const timed = spawn('/usr/bin/time', ['-o', report, '-f', '%U %S %M', ...command, ...options], {
    stdio: ['ignore', 'ignore', 'inherit']
  })
  const [exitCode] = (await once(timed, 'exit')) as [number]
  const wallMs = performance.now() - startMs
  if (exitCode !== 0) throw new Error(`register ended with ${exitCode}`)
  const { readFileSync } = await import('node:fs')
  const [user = 0, system = 0, kibibytes = 0] = readFileSync(report, 'utf8')
    .split(/\s+/)
    .map(Number)
  return { wallMs, processorMs: (user + system) * 1_000, memoryMiB: kibibytes / 1_024 }
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

try {
  mkdirSync(bare)
  git('', 'init', '--quiet', '--bare', '--initial-branch=main')
  git(history(), 'fast-import', '--quiet')
  git('', 'repack', '-adq')
  const server = await serveGit(folder)
  const measured: Measured[] = []
  for (let round = 0; round < rounds; round++) measured.push(await register(server.url, round))
  await server.close()
  const of = (pick: (each: Measured) => number) => Math.round(median(measured.map(pick)))
  process.stdout.write(
    `register, ${commits} commits, ${models} models, median of ${rounds}: ` +
      `${of(each => each.wallMs)} ms, ${of(each => each.processorMs)} ms of processor, ` +
      `${of(each => each.memoryMiB)} MiB (largest process)\n`
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
