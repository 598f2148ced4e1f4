import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { freePort } from '../../test/e2e/rig/free-port.ts'
import type { Keep } from '../../test/e2e/rig/keep.ts'
import { Program } from '../../test/e2e/rig/program.ts'

const command = path.join(import.meta.dirname, '../../dist/mlgitops.js')
const ticksPerSecond = 100
const sampleMs = 500

/** The controller's own counters. */
export type Counted = 'renders_total' | 'downloads_total' | 'looks_total' | 'waiting_releases'

/** `mlgitops serve flux` from the bundle, in a process whose memory and CPU time are measured. */
export class Controller {
  readonly #program: Program
  readonly #metricsUrl: string
  readonly #sampling: NodeJS.Timeout
  /** The peak memory of the controller and its renderers, by samples. */
  peakMegabytes = 0
  #endedCpuSeconds = 0
  readonly #cpuSeconds = new Map<number, number>()

  private constructor(program: Program, metricsUrl: string) {
    this.#program = program
    this.#metricsUrl = metricsUrl
    this.#sampling = setInterval(() => {
      this.#sample()
    }, sampleMs)
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
    return new Controller(program, `http://${metrics}/metrics`)
  }

  async count(name: Counted): Promise<number> {
    const text = await (await fetch(this.#metricsUrl)).text()
    return Number(new RegExp(`^mlgitops_flux_${name} (\\d+)$`, 'm').exec(text)?.[1])
  }

  /** CPU seconds of the controller and its renderers, user and system. */
  get cpuSeconds(): number {
    this.#sample()
    return [...this.#cpuSeconds.values()].reduce((sum, each) => sum + each, this.#endedCpuSeconds)
  }

  /** Current memory of the controller and its renderers. */
  get megabytes(): number {
    return processes(this.#program.pid)
      .map(megabytesOf)
      .reduce((sum, each) => sum + each, 0)
  }

  #sample(): void {
    this.peakMegabytes = Math.max(this.peakMegabytes, this.megabytes)
    const running = processes(this.#program.pid)
    for (const [pid, seconds] of this.#cpuSeconds) {
      if (running.includes(pid)) continue
      this.#endedCpuSeconds += seconds
      this.#cpuSeconds.delete(pid)
    }
    for (const pid of running) this.#cpuSeconds.set(pid, cpuSecondsOf(pid))
  }

  /** Lines of its log that are warnings or errors. */
  get complaints(): readonly string[] {
    return this.#program
      .said()
      .split('\n')
      .filter(line => /"level":"(?:warn|error)"/.test(line))
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    clearInterval(this.#sampling)
    return this.#program.stop(signal)
  }
}

/** A process and the children of its threads. */
function processes(pid: number): readonly number[] {
  const tasks = orNone(() => readdirSync(`/proc/${pid}/task`))
  const children = tasks.flatMap(task =>
    orNone(() => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
  )
  const ids = children.filter(each => each.trim() !== '').map(Number)
  return [pid, ...ids.flatMap(processes)]
}

function cpuSecondsOf(pid: number): number {
  const [stat = ''] = orNone(() => [readFileSync(`/proc/${pid}/stat`, 'utf8')])
  const fields = stat.split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond
}

/** Pages that several processes share, such as the program itself, count once. */
function megabytesOf(pid: number): number {
  const [pages = ''] = orNone(() => [readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')])
  return Number(/^Pss:\s+(\d+) kB$/m.exec(pages)?.[1] ?? 0) / 1_024
}

/** A process may end while it is read. */
function orNone(read: () => readonly string[]): readonly string[] {
  try {
    return read()
  } catch {
    return []
  }
}
