import { readFileSync } from 'node:fs'
import path from 'node:path'
import { freePort } from '../../test/e2e/rig/free-port.ts'
import type { Keep } from '../../test/e2e/rig/keep.ts'
import { Program } from '../../test/e2e/rig/program.ts'

const command = path.join(import.meta.dirname, '../../dist/mlgitops.js')
const ticksPerSecond = 100

/** What the controller counts itself. */
export type Counted = 'renders_total' | 'downloads_total' | 'looks_total' | 'waiting_releases'

/** `mlgitops serve flux` out of the bundle, in a process whose memory and time on a core are measured. */
export class Controller {
  readonly #program: Program
  readonly #metricsUrl: string
  readonly url: string

  private constructor(program: Program, url: string, metricsUrl: string) {
    this.#program = program
    this.#metricsUrl = metricsUrl
    this.url = url
  }

  /** Starts it on an empty disk below `folder`; it advertises the same address each time. */
  static async start(
    folder: string,
    port: number,
    kubeconfig: string,
    keep: Keep
  ): Promise<Controller> {
    const metricsPort = await freePort()
    const [listen, metrics] = [`127.0.0.1:${port}`, `127.0.0.1:${metricsPort}`]
    const args = [
      ...['serve', 'flux', '--advertise', `http://${listen}`, '--listen', listen],
      ...['--metrics-listen', metrics, '--storage', path.join(folder, `storage-${metricsPort}`)],
      ...['--kubeconfig', kubeconfig, '--grace-seconds', '0']
    ]
    const logFile = path.join(folder, 'controller.log')
    const name = 'mlgitops serve flux'
    const started = { name, command: process.execPath, args: [command, ...args], logFile }
    const program = new Program(started, keep)
    await program.line(/listening on (\S+)/)
    return new Controller(program, `http://${listen}`, `http://${metrics}/metrics`)
  }

  async count(name: Counted): Promise<number> {
    const text = await (await fetch(this.#metricsUrl)).text()
    return Number(new RegExp(`^mlgitops_flux_${name} (\\d+)$`, 'm').exec(text)?.[1])
  }

  /** Seconds of a core, of itself and of the system for it. */
  get cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#program.pid}/stat`, 'utf8')
    const fields = stat.split(') ').at(-1)?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  }

  /** The most memory it ever had. */
  get peakMegabytes(): number {
    return this.#megabytes('VmHWM')
  }

  get megabytes(): number {
    return this.#megabytes('VmRSS')
  }

  #megabytes(name: string): number {
    const status = readFileSync(`/proc/${this.#program.pid}/status`, 'utf8')
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1_024
  }

  /** Lines of its log that are warnings or errors. */
  get complaints(): readonly string[] {
    return this.#program
      .said()
      .split('\n')
      .filter(line => /"level":"(?:warn|error)"/.test(line))
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    return this.#program.stop(signal)
  }
}
