import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { isJsonArray, member } from '../../../common/json.ts'
import type { JsonValue } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import { freePort } from '../rig/free-port.ts'
import type { Machine } from '../rig/machine.ts'
import type { Program } from '../rig/program.ts'
import { lastLife, predictionsOf } from './log.ts'
import type { ModelServer } from './model-server.ts'

/** The targets, with the labels that pod discovery sets. */
export interface Target {
  readonly host: string
  readonly pod: string
}

/** A real Prometheus that scrapes each second whatever pods there are. */
export class Prometheus {
  readonly url: string
  readonly #machine: Machine
  readonly #name: string
  readonly #folder: string
  readonly #port: number
  readonly #targets: string
  #program: Program

  private constructor(machine: Machine, name: string, port: number) {
    this.#machine = machine
    this.#folder = path.join(machine.folder, name)
    mkdirSync(this.#folder)
    this.#name = name
    this.#port = port
    this.url = `http://127.0.0.1:${port}`
    this.#targets = path.join(this.#folder, 'targets.json')
    this.discover([])
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'pods', file_sd_configs: [{ files: [this.#targets] }] }]
    }
    writeFileSync(path.join(this.#folder, 'prometheus.json'), JSON.stringify(config))
    this.#program = this.#start()
  }

  /** @param name of its folder and its log */
  static async start(machine: Machine, name: string): Promise<Prometheus> {
    const prometheus = new Prometheus(machine, name, await freePort())
    await prometheus.#isReady()
    return prometheus
  }

  /** Replaces the pods; Prometheus notices the change of the file. */
  discover(targets: readonly Target[]): void {
    const groups = targets.map(({ host, pod }) => ({
      targets: [host],
      labels: { namespace: 'ml', pod }
    }))
    writeFileSync(`${this.#targets}.new`, JSON.stringify(groups))
    renameSync(`${this.#targets}.new`, this.#targets)
  }

  /** Waits until every prediction and label of a server's present life is stored. */
  async hasAllOf(...servers: readonly ModelServer[]): Promise<void> {
    for (const { pod, entries } of servers) {
      const life = lastLife(entries)
      const wanted = [
        predictionsOf(life).length,
        life.filter(({ kind }) => kind === 'label').length
      ]
      await eventually(
        async () => {
          const stored = await Promise.all([
            this.#sum(`inference_requests_total{pod="${pod}"}`),
            this.#sum(`inference_labelled_total{pod="${pod}"}`)
          ])
          return stored.every((value, at) => value === wanted[at]) || undefined
        },
        { what: `Prometheus has ${wanted.join(' and ')} of ${pod}` }
      )
    }
  }

  /** Waits until a value of this life of a server is stored. */
  async hasSeen(pod: string, isIt: (predictions: number) => boolean): Promise<void> {
    await eventually(
      async () => {
        const stored = await this.#sum(`inference_requests_total{pod="${pod}"}`)
        return (stored !== undefined && isIt(stored)) || undefined
      },
      { what: `Prometheus has seen ${pod}`, everyMs: 20 }
    )
  }

  /** Kills it (SIGKILL), with everything that it has not written yet. */
  async kill(): Promise<void> {
    await this.#program.stop('SIGKILL')
  }

  /** Starts it again at the same address with the same data. */
  async comeBack(): Promise<void> {
    this.#program = this.#start()
    await this.#isReady()
  }

  /** SIGSTOP takes connections and answers none, until SIGCONT. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#program.signal(name)
  }

  async #sum(selector: string): Promise<number | undefined> {
    const query = new URLSearchParams({ query: `sum(${selector})` })
    const response = await fetch(`${this.url}/api/v1/query?${query.toString()}`)
    const answer = (await response.json()) as JsonValue
    const result = member(member(answer, 'data'), 'result')
    const value = isJsonArray(result) ? member(result[0], 'value') : undefined
    return isJsonArray(value) ? Number(value[1]) : undefined
  }

  #start(): Program {
    return this.#machine.start({
      name: this.#name,
      command: this.#machine.peer('prometheus'),
      args: [
        `--config.file=${path.join(this.#folder, 'prometheus.json')}`,
        `--storage.tsdb.path=${path.join(this.#folder, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${this.#port}`
      ]
    })
  }

  async #isReady(): Promise<void> {
    await this.#program.ready(async () => {
      try {
        return (await fetch(`${this.url}/-/ready`)).ok
      } catch {
        return false
      }
    })
  }
}
