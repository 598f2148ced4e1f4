import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '../../common/json.ts'
import { opaModule, peprModule } from './policies.ts'

/** A server that was started for the benchmark. */
export interface BenchServer {
  readonly name: string
  readonly port: number
  readonly path: string
  readonly process: ChildProcess
}

/** Where the servers find their certificate and write their files. */
export interface BenchFolder {
  readonly folder: string
  readonly certificate: string
  readonly key: string
  /** Another build of mlgitops than the one in `dist`. */
  readonly bundle?: string
}

const root = path.join(import.meta.dirname, '../..')

/** `node:https` that parses and echoes. */
export function startFloor({ certificate, key }: BenchFolder): Promise<BenchServer> {
  const args = [path.join(import.meta.dirname, 'floor.ts'), certificate, key]
  return started('node:https (floor)', '/', spawnNode(args))
}

/** Our webhook, bundled as the image has it. */
export function startOurs(
  bench: BenchFolder,
  policies: readonly JsonObject[],
  keys: readonly string[] = [],
  binds = ''
): Promise<BenchServer> {
  const folder = path.join(bench.folder, `policies-${binds}`)
  mkdirSync(folder, { recursive: true })
  for (const [at, policy] of policies.entries()) {
    writeFileSync(path.join(folder, `${at}.json`), JSON.stringify(policy))
  }
  const listen = ['--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0']
  const tls = ['--tls-cert', bench.certificate, '--tls-key', bench.key]
  const bundle = bench.bundle ?? path.join(root, 'dist/mlgitops.js')
  const trusted = keys.flatMap(key => ['--keys', key])
  const args = [bundle, 'serve', 'webhook', ...listen, ...tls, '--policies', folder, ...trusted]
  const name = keys.length > 0 ? `mlgitops, signed, binds ${binds}` : 'mlgitops'
  return started(name, '/validate?timeout=10s', spawnNode(args))
}

/** pepr's admission server; undefined where `PEPR_FOLDER` names no folder with the package. */
export async function startPepr(
  bench: BenchFolder,
  kubeconfig: string
): Promise<BenchServer | undefined> {
  const installed = process.env.PEPR_FOLDER
  if (installed === undefined) return undefined
  const folder = path.join(bench.folder, 'pepr')
  mkdirSync(folder)
  symlinkSync(path.join(installed, 'node_modules'), path.join(folder, 'node_modules'))
  writeFileSync(path.join(folder, 'module.mjs'), peprModule)
  const port = await freePort()
  const env = {
    ...process.env,
    KUBECONFIG: kubeconfig,
    BENCH_PORT: String(port),
    SSL_CERT_PATH: bench.certificate,
    SSL_KEY_PATH: bench.key,
    PEPR_API_PATH: 'bench',
    PEPR_WATCH_MODE: 'false',
    LOG_LEVEL: 'error',
    NODE_ENV: 'production'
  }
  const child = spawn(process.execPath, ['module.mjs'], { cwd: folder, env, stdio: 'pipe' })
  return listening({ name: 'pepr', port, path: '/validate/bench?timeout=10s', process: child })
}

/** `opa run --server`; undefined where it is not installed. */
export async function startOpa(bench: BenchFolder): Promise<BenchServer | undefined> {
  if (spawnSync('opa', ['version']).status !== 0) return undefined
  const file = path.join(bench.folder, 'main.rego')
  writeFileSync(file, opaModule)
  const port = await freePort()
  const tls = ['--tls-cert-file', bench.certificate, '--tls-private-key-file', bench.key]
  const args = [
    'run',
    '--server',
    '--addr',
    `127.0.0.1:${port}`,
    '--log-level',
    'error',
    ...tls,
    file
  ]
  const child = spawn('opa', args, { stdio: 'pipe' })
  return listening({ name: 'opa run --server', port, path: '/', process: child })
}

/** Resident memory in MiB, from Linux's /proc; NaN elsewhere. */
export function residentMiB({ process: { pid } }: BenchServer): number {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024
  } catch {
    return NaN
  }
}

/** Milliseconds on a processor, user and system, from Linux's /proc; NaN elsewhere. */
export function processorMs({ process: { pid } }: BenchServer): number {
  const tickMs = 10
  try {
    // The command's name, in brackets, may contain anything.
    const fields = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8')
      .split(') ')
      .at(-1)
      ?.split(' ')
    return (Number(fields?.[11]) + Number(fields?.[12])) * tickMs
  } catch {
    return NaN
  }
}

function spawnNode(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function started(name: string, target: string, child: ChildProcess): Promise<BenchServer> {
  let said = ''
  child.stdout?.on('data', (text: Buffer) => (said += text.toString()))
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()))
  for (let tries = 0; tries < 400; tries++) {
    const port = /listening on (?:port |https:.*:)(\d+)/.exec(said)?.[1]
    if (port !== undefined) return { name, port: Number(port), path: target, process: child }
    await sleep(25)
  }
  child.kill('SIGKILL')
  throw new Error(`${name} did not start:\n${said}`)
}

async function listening(server: BenchServer): Promise<BenchServer> {
  let said = ''
  for (const stream of [server.process.stdout, server.process.stderr]) {
    stream?.on('data', (text: Buffer) => (said += text.toString()))
  }
  for (let tries = 0; tries < 400; tries++) {
    if (await isTaken(server.port)) return server
    await sleep(25)
  }
  server.process.kill('SIGKILL')
  throw new Error(`${server.name} did not start:\n${said}`)
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        resolve(typeof address === 'object' ? (address?.port ?? 0) : 0)
      })
    })
  })
}

function isTaken(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => {
      resolve(true)
    })
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(false)
      })
    })
  })
}
