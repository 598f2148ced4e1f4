import type { ChildProcess } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { Fault } from '../../../common/fault.ts'
import type { Artifact } from '../artifact/artifact.ts'
import { startRenderer } from './renderer-process.ts'
import type { RendererMessage, RenderJob } from './renderer-process.ts'

const maxStartMs = 30_000

/**
 * One renderer process, which renders one job at a time. It is killed when a job takes too long or hits a
 * bug, because a bug can leave the process in a state that breaks every later render.
 */
export class Renderer {
  readonly #temporary: string
  readonly #child: ChildProcess
  readonly #ready = Promise.withResolvers<undefined>()
  /** The system's code if the process could not be started. */
  #startError: string | undefined
  #answer: ((message: RendererMessage | 'gone') => void) | undefined
  #isGone = false
  #hasRendered = false

  /** @param temporary the process's own folder, removed when it ends */
  constructor(temporary: string) {
    mkdirSync(temporary, { recursive: true })
    this.#temporary = temporary
    this.#child = startRenderer(temporary)
    this.#child.on('message', message => {
      this.#take(message as RendererMessage)
    })
    this.#child.on('error', error => {
      this.#startError = (error as NodeJS.ErrnoException).code
      this.end()
    })
    this.#child.on('exit', () => {
      this.end()
      this.#tidyUp()
    })
  }

  get isGone(): boolean {
    return this.#isGone
  }

  /** Whether it has been given a job. */
  get hasRendered(): boolean {
    return this.#hasRendered
  }

  /**
   * Renders a job and returns its artifact.
   *
   * @throws {Fault} the fault of the render; `RENDER_TIMEOUT` after `timeoutMs`; `RENDER_ENDED` if the
   *   process ended during the job, such as for lack of memory; `RENDER_DEFECT` if the job hit a bug;
   *   `RENDER_START` if the process ended before it received the job
   */
  async render(job: RenderJob, timeoutMs: number): Promise<Artifact> {
    await this.#withDeadline(maxStartMs, this.#ready.promise, 'RENDER_START')
    if (this.#isGone) throw startFault(this.#startError)
    const { promise, resolve } = Promise.withResolvers<RendererMessage | 'gone'>()
    this.#answer = resolve
    this.#hasRendered = true
    this.#child.send(job)
    const message = await this.#withDeadline(timeoutMs, promise, 'RENDER_TIMEOUT')
    if (message !== 'gone' && message.kind !== 'rendered' && message.kind !== 'fault') this.end()
    return readMessage(message)
  }

  /** Kills the process group. */
  end(): void {
    if (this.#isGone) return
    this.#isGone = true
    try {
      process.kill(-(this.#child.pid ?? NaN), 'SIGKILL')
    } catch {
      // It has ended, or never started.
    }
    this.#tidyUp()
    this.#ready.resolve(undefined)
    this.#answer?.('gone')
  }

  #tidyUp(): void {
    try {
      rmSync(this.#temporary, { recursive: true, force: true })
    } catch {
      // The process still writes, or the disk fails: the folder is removed on exit or at the next start.
    }
  }

  #take(message: RendererMessage): void {
    if (message.kind === 'ready') this.#ready.resolve(undefined)
    else this.#answer?.(message)
  }

  async #withDeadline<Value>(
    ms: number,
    promise: Promise<Value>,
    code: 'RENDER_START' | 'RENDER_TIMEOUT'
  ): Promise<Value> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      const seconds = `${ms / 1_000} seconds`
      late.reject(
        code === 'RENDER_START'
          ? startFault(`not ready after ${seconds}`)
          : new Fault(code, 'the render took too long', { expected: `at most ${seconds}` })
      )
      this.end()
    }, ms)
    try {
      return await Promise.race([promise, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** A fault of the machine, not of the render. */
export function startFault(found: string | undefined): Fault {
  return new Fault('RENDER_START', 'cannot start a renderer process', {
    found: found ?? 'it ended before it was ready',
    remedy: 'Check that the machine has free memory, processes and disk space.'
  })
}

function readMessage(message: RendererMessage | 'gone'): Artifact {
  if (message === 'gone') {
    throw new Fault('RENDER_ENDED', 'the renderer process ended during the render', {
      remedy: 'It may have run out of memory: split the release into smaller ones.'
    })
  }
  switch (message.kind) {
    case 'rendered':
      return { ...message.artifact, bytes: Buffer.from(message.artifact.bytes) }
    case 'fault':
      throw new Fault(message.code, message.message, message.details)
    case 'bug':
      throw new Fault('RENDER_DEFECT', `internal error (${message.name})`)
    case 'ready':
      throw new Fault('RENDER_DEFECT', 'internal error (unexpected message)')
  }
}
