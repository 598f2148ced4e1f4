import path from 'node:path'
import { seededRandom } from '../../../analysis/replay/seeded-random.ts'
import { drawPoints } from '../../analysis/classifier.ts'
import { freePort } from '../rig/free-port.ts'
import type { Machine } from '../rig/machine.ts'
import type { Program } from '../rig/program.ts'
import { readLog } from './log.ts'
import type { Entry } from './log.ts'
import type { Misbehaviour } from './misbehaviour.ts'

/** The traffic of a server: shares of requests that fail or are slow, and of positives that are wrong. */
export interface Load {
  readonly requests: number
  readonly failing?: number
  readonly slow?: number
  readonly wrong?: number
}

const slowMs = 300
const atOnce = 8
const points = drawPoints(400, 3)

/** A model server that keeps its address across restarts, and its clients. */
export class ModelServer {
  readonly pod: string
  readonly host: string
  readonly #machine: Machine
  readonly #log: string
  readonly #random: () => number
  #program: Program

  private constructor(machine: Machine, pod: string, port: number) {
    this.#machine = machine
    this.pod = pod
    this.host = `127.0.0.1:${port}`
    this.#log = path.join(machine.folder, `${pod}.ndjson`)
    this.#random = seededRandom(port)
    this.#program = this.#start()
  }

  static async start(machine: Machine, pod: string): Promise<ModelServer> {
    const server = new ModelServer(machine, pod, await freePort())
    await server.#isListening()
    return server
  }

  get url(): string {
    return `http://${this.host}`
  }

  get entries(): readonly Entry[] {
    return readLog(this.#log)
  }

  /** Kills the server (SIGKILL) and starts it again at the same address. */
  async restart(): Promise<void> {
    await this.#program.stop('SIGKILL')
    this.#program = this.#start()
    await this.#isListening()
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGKILL')
  }

  get hasEnded(): boolean {
    return !this.#program.isRunning
  }

  async misbehave(misbehaviour: Misbehaviour): Promise<void> {
    await this.#post('/misbehave', misbehaviour)
  }

  /** Sends this many requests, and the true label of each positive one. */
  async serve({ requests, failing = 0, slow = 0, wrong = 0 }: Load): Promise<void> {
    const waiting = Array.from({ length: requests }, (_, at) => at).values()
    const work = async () => {
      for (const at of waiting) {
        const { x } = points[at % points.length] ?? { x: [0, 0] }
        const fails = this.#random() < failing
        const delayMs = this.#random() < slow ? slowMs : 0
        const isWrong = this.#random() < wrong
        const inputs = [{ name: 'input-0', shape: [1, 2], datatype: 'FP64', data: x }]
        const body = { inputs, parameters: { fails, delayMs } }
        await this.#post('/v2/models/churn/infer', body)
        if (!fails) await this.#post('/feedback', { predicted: 1, label: isWrong ? 0 : 1 })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
  }

  async #post(route: string, body: object): Promise<void> {
    const response = await fetch(`${this.url}${route}`, {
      method: 'POST',
      body: JSON.stringify(body)
    })
    await response.arrayBuffer()
  }

  #start(): Program {
    return this.#machine.start({
      name: this.pod,
      command: process.execPath,
      args: [
        path.join(import.meta.dirname, 'server-program.ts'),
        this.host.split(':')[1] ?? '',
        this.#log
      ]
    })
  }

  async #isListening(): Promise<void> {
    await this.#program.line(/^listening on (\d+)$/m)
  }
}
