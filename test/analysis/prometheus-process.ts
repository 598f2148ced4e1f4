import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A Prometheus of the machine; undefined where there is none. `PROMETHEUS` names another. */
export const prometheusBinary = [process.env.PROMETHEUS ?? 'prometheus'].find(
  binary => spawnSync(binary, ['--version']).status === 0
)

/** A Prometheus that scrapes one target each second. */
export interface PrometheusProcess {
  readonly url: string
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
  for (let tries = 0; ; tries += 1) {
    const isReady = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false
    )
    if (isReady) break
    if (tries > 300) throw new Error('Prometheus does not become ready')
    await sleep(100)
  }
  const ended = new Promise<void>(resolve => {
    child.once('exit', () => {
      resolve()
    })
  })
  return {
    url,
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
