import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eventually } from '../eventually.ts'

/** A Prometheus of the machine; undefined where there is none. `PROMETHEUS` names another. */
export const prometheusBinary = [process.env.PROMETHEUS ?? 'prometheus'].find(
  binary => spawnSync(binary, ['--version']).status === 0
)

/** A Prometheus that scrapes one target each second. */
export interface PrometheusProcess {
  readonly url: string
  /** Waits for a number of further scrapes of the target. */
  scrapes(more: number): Promise<void>
  end(): Promise<void>
}

/** Starts it on a free port of loopback and waits until it is ready. */
export async function startPrometheus(binary: string, target: string): Promise<PrometheusProcess> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-prometheus-'))
  const config = path.join(folder, 'prometheus.yml')
  writeFileSync(
    config,
    `global: { scrape_interval: 1s, scrape_timeout: 900ms }\nscrape_configs: [{ job_name: model, static_configs: [{ targets: ['${target}'] }] }]\n`
  )
  const port = await freePort()
  const child = spawn(
    binary,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`
    ],
    { stdio: 'ignore' }
  )
  const url = `http://127.0.0.1:${port}`
  await eventually(() =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false
    )
  )
  const ended = new Promise<void>(resolve => {
    child.once('exit', () => {
      resolve()
    })
  })
  const scraped = async () => {
    const query = new URLSearchParams({ query: 'sum(count_over_time(up[1h]))' })
    const response = await fetch(`${url}/api/v1/query?${query.toString()}`)
    const { data } = (await response.json()) as {
      readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] }
    }
    return Number(data.result[0]?.value[1] ?? 0)
  }
  return {
    url,
    scrapes: async more => {
      const wanted = (await scraped()) + more
      await eventually(async () => (await scraped()) >= wanted)
    },
    end: async () => {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => {
    server.close(resolve)
  })
  return port
}
