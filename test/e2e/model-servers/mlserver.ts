import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../rig/free-port.ts'
import type { Machine } from '../rig/machine.ts'

const run = promisify(execFile)

/** MLServer with a scikit-learn model, and the figures of scikit-learn for the model. */
export interface MLServer {
  readonly url: string
  readonly metricsHost: string
  /** The labelled set, its number of items, and the number that the model predicts correctly. */
  readonly dataset: string
  readonly items: number
  readonly right: number
}

/** `MLSERVER`, or `mlserver` on the PATH; undefined where there is none. */
export function findMLServer(env: NodeJS.ProcessEnv): string | undefined {
  if (env.MLSERVER !== undefined) return env.MLSERVER
  return (env.PATH ?? '')
    .split(path.delimiter)
    .map(folder => path.join(folder, 'mlserver'))
    .find(existsSync)
}

/** Trains the model with the Python that MLServer runs in, and serves it on loopback. */
export async function startMLServer(machine: Machine, program: string): Promise<MLServer> {
  const folder = path.join(machine.folder, 'mlserver')
  mkdirSync(folder)
  const python = /^#!(\S+)/.exec(readFileSync(program, 'utf8'))?.[1] ?? 'python3'
  const script = path.join(import.meta.dirname, 'wine.py')
  const { stdout } = await run(python, [script], { cwd: folder })
  const { items, right } = JSON.parse(stdout) as { readonly items: number; readonly right: number }
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()]
  const write = (name: string, value: object) => {
    writeFileSync(path.join(folder, name), JSON.stringify(value))
  }
  write('settings.json', {
    ...{ host: '127.0.0.1', http_port: http, grpc_port: grpc, metrics_port: metrics },
    // With parallel workers it crashes in its event loop (version 1.7.1).
    parallel_workers: 0
  })
  write('model-settings.json', {
    name: 'wine',
    implementation: 'mlserver_sklearn.SKLearnModel',
    parameters: { uri: './model.joblib' }
  })
  const server = machine.start({
    name: 'mlserver',
    command: program,
    args: ['start', folder],
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: machine.folder }
  })
  const url = `http://127.0.0.1:${http}`
  await server.ready(async () => {
    try {
      return (await fetch(`${url}/v2/models/wine/ready`)).ok
    } catch {
      return false
    }
  }, 120_000)
  return {
    ...{ url, items, right },
    metricsHost: `127.0.0.1:${metrics}`,
    dataset: path.join(folder, 'holdout.ndjson')
  }
}
