import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../common/fault.ts'

const endWithLauncher = path.join(import.meta.dirname, '../end-with-launcher.js')

/** A program of Node that prints `listening on URL` when it is ready. */
export interface Program {
  /** Its name in messages, such as `the analysis`. */
  readonly name: string
  readonly args: readonly string[]
}

/** A child process that is ready. */
export interface ReadyProcess {
  readonly url: string
  /** Sends SIGTERM and returns the exit code; null if a signal ended the process. */
  stop(): Promise<number | null>
}

interface Child {
  readonly process: ChildProcess
  /** The exit code, when the process and its output have ended. */
  readonly closed: Promise<number | null>
  isStopped: boolean
}

/** Until when a program must be ready: only one that hangs needs longer, even on a busy machine. */
const readyTimeoutMs = 120_000
const stopTimeoutMs = 20_000
const reasonMs = 500
const outputCharacters = 3_000

/**
 * The child processes of the demo. {@link stop} ends all of them; they also end when the demo is killed.
 */
export class ChildProcesses {
  readonly #children = new Set<Child>()
  readonly #failed = Promise.withResolvers<never>()
  readonly #readyTimeoutMs: number
  #isStopped = false

  constructor(options: { readonly readyTimeoutMs?: number } = {}) {
    this.#readyTimeoutMs = options.readyTimeoutMs ?? readyTimeoutMs
    this.#failed.promise.catch(() => undefined)
  }

  /**
   * Waits for work that needs the processes, and no longer than they run.
   *
   * @throws {Fault} `DEMO_PROCESS_FAILED` when a program is not ready in time, or ends before it is stopped
   */
  during<T>(work: Promise<T>): Promise<T> {
    // A connection can break before the end of its process is known, which is the reason to report.
    const failing = work.catch(async (error: unknown) => {
      await sleep(reasonMs)
      throw error
    })
    return Promise.race([failing, this.#failed.promise])
  }

  /**
   * Starts a program and waits until it is ready.
   *
   * @throws {Fault} `DEMO_PROCESS_FAILED` with its output, when it ends first or is not ready in time
   */
  async start(program: Program): Promise<ReadyProcess> {
    if (this.#isStopped) throw failure(program, 'cannot be started: the demo is stopping', '')
    const node = spawn(process.execPath, ['--import', endWithLauncher, ...program.args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc']
    })
    const closed = new Promise<number | null>(resolve => node.once('close', resolve))
    const child: Child = { process: node, closed, isStopped: false }
    this.#children.add(child)
    try {
      const url = await this.#ready(program, child)
      return { url, stop: () => this.#stopChild(child) }
    } catch (error) {
      this.#failed.reject(error)
      throw error
    }
  }

  /** Stops every child process, and starts no more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all([...this.#children].map(child => this.#stopChild(child)))
  }

  #ready(program: Program, child: Child): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    let output = ''
    for (const stream of [child.process.stdout, child.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-outputCharacters)
        const url = /^listening on (\S+)\n/m.exec(output)?.[1]
        if (url !== undefined) resolve(url)
      })
    }
    const timer = setTimeout(() => {
      reject(failure(program, `was not ready within ${this.#readyTimeoutMs / 1_000} s`, output))
    }, this.#readyTimeoutMs)
    const clear = () => {
      clearTimeout(timer)
    }
    promise.then(clear, clear)
    void child.closed.then(code => {
      this.#children.delete(child)
      const how = code === null ? 'was killed' : `ended with exit code ${code}`
      const fault = failure(program, how, output)
      reject(fault)
      if (!child.isStopped) this.#failed.reject(fault)
    })
    return promise
  }

  async #stopChild(child: Child): Promise<number | null> {
    child.isStopped = true
    child.process.kill('SIGTERM')
    const timer = setTimeout(() => child.process.kill('SIGKILL'), stopTimeoutMs)
    try {
      return await child.closed
    } finally {
      clearTimeout(timer)
    }
  }
}

function failure({ name }: Program, how: string, output: string): Fault {
  const found = output.trim()
  return new Fault('DEMO_PROCESS_FAILED', `${name} ${how}`, {
    found: found === '' ? 'no output' : found
  })
}
