import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from './eventually.ts'
import type { Keep } from './keep.ts'

const stopGraceMs = 10_000

/** What is started, and where its output goes. */
export interface ProgramOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly logFile: string
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** The name it is told it was called by. */
  readonly argv0?: string
}

/** A process in a group of its own, whose output is in a file. */
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

  /** What it has written since it was started. */
  said(): string {
    return readFileSync(this.#logFile).subarray(this.#logStart).toString()
  }

  /**
   * Waits until `isReady`.
   *
   * @throws {Error} with the end of what it said, where it ends or takes too long
   */
  async ready(isReady: () => Promise<boolean> | boolean, timeoutMs = 120_000): Promise<void> {
    try {
      await eventually(
        async () => {
          if (!this.isRunning) throw new Error(`${this.name} ended`)
          return (await isReady()) || undefined
        },
        { what: `${this.name} is ready`, timeoutMs, retryErrors: false }
      )
    } catch (error) {
      throw new Error(`${String(error)}; it said:\n${this.said().slice(-2_000)}`, { cause: error })
    }
  }

  /** Waits for a line that the pattern finds; what it captures. */
  async line(pattern: RegExp, timeoutMs?: number): Promise<string> {
    await this.ready(() => pattern.test(this.said()), timeoutMs)
    return pattern.exec(this.said())?.[1] ?? ''
  }

  /** Ends it with its whole group: SIGTERM, and SIGKILL for what is left of it. */
  async stop(first: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.pid === undefined) return
    if (this.isRunning) {
      this.signal(first)
      await Promise.race([this.exited, sleep(stopGraceMs, undefined, { ref: false })])
    }
    this.signal('SIGKILL')
    await this.exited
  }

  /** To the whole group. */
  signal(name: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, name)
    } catch {
      // The group has ended.
    }
  }
}
