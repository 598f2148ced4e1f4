import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from './eventually.ts'
import type { Keep } from './keep.ts'

const stopGraceMs = 10_000

/** The command to start, and where its output goes. */
export interface ProgramOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly logFile: string
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Its `argv[0]`, if other than the command. */
  readonly argv0?: string
}

/** A process in its own process group that logs to a file. */
export class Program {
  readonly name: string
  readonly #child: ChildProcess
  readonly #logFile: string
  readonly #logStart: number
  readonly exited: Promise<number | null>

  constructor(options: ProgramOptions, keep: Keep) {
    const log = openSync(options.logFile, 'a')
    this.name = options.name
    this.#logFile = options.logFile
    this.#logStart = readFileSync(options.logFile).length
    this.#child = spawn(options.command, [...options.args], {
      stdio: ['ignore', log, log],
      detached: true,
      env: options.env ?? process.env,
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      ...(options.argv0 !== undefined && { argv0: options.argv0 })
    })
    closeSync(log)
    const { pid } = this.#child
    if (pid !== undefined) keep.add(pid)
    this.exited = new Promise(resolve => {
      this.#child.once('error', () => {
        resolve(null)
      })
      this.#child.once('exit', code => {
        if (pid !== undefined) keep.remove(pid)
        resolve(code)
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Its output since it was started. */
  said(): string {
    return readFileSync(this.#logFile).subarray(this.#logStart).toString()
  }

  /**
   * Waits until `isReady`.
   *
   * @throws {Error} with the end of its output if it exits or is not ready in time
   */
  async ready(isReady: () => Promise<boolean> | boolean, timeoutMs = 120_000): Promise<void> {
    try {
      await eventually(
        async () => {
          if (!this.isRunning) throw new Error(`${this.name} exited`)
          return (await isReady()) || undefined
        },
        { what: `${this.name} is ready`, timeoutMs, retryErrors: false }
      )
    } catch (error) {
      throw new Error(`${String(error)}; its output:\n${this.said().slice(-2_000)}`, {
        cause: error
      })
    }
  }

  /** Waits until the pattern matches the output; returns its first group. */
  async line(pattern: RegExp, timeoutMs?: number): Promise<string> {
    await this.ready(() => pattern.test(this.said()), timeoutMs)
    return pattern.exec(this.said())?.[1] ?? ''
  }

  /** Stops its process group: with `first`, then SIGKILL for what still runs. */
  async stop(first: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.pid === undefined) return
    if (this.isRunning) {
      this.signal(first)
      await Promise.race([this.exited, sleep(stopGraceMs, undefined, { ref: false })])
    }
    this.signal('SIGKILL')
    await this.exited
  }

  /** Sends a signal to its process group. */
  signal(name: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, name)
    } catch {
      // The group has ended.
    }
  }
}
