import type { ChildProcess } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { Fault } from '../../../common/fault.ts'
import type { Artifact } from '../artifact/artifact.ts'
import { startRenderer } from './renderer-process.ts'
import type { RendererMessage, RenderJob } from './renderer-process.ts'

const maxStartMs = 30_000

/** One process that renders a job at a time, and is ended where one takes too long. */
export class Renderer {
  readonly #temporary: string
  readonly #child: ChildProcess
  readonly #ready = Promise.withResolvers<undefined>()
  /** Why it could not be started, where that is known. */
  #refusal: string | undefined
  #answer: ((message: RendererMessage | 'gone') => void) | undefined
  #isGone = false

  /** @param temporary a folder of its own, removed with it */
  constructor(temporary: string) {
    mkdirSync(temporary, { recursive: true })
    this.#temporary = temporary
    this.#child = startRenderer(temporary)
    this.#child.on('message', message => {
      this.#take(message as RendererMessage)
    })
    this.#child.on('error', error => {
      this.#refusal = (error as NodeJS.ErrnoException).code
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

  /**
   * Has a job done.
   *
   * @throws {Fault} of the render; `RENDER_TIMEOUT` after `timeoutMs`, `RENDER_ENDED` where its process
   *   went, as one does that needs too much memory; `RENDER_START` where it went before it had the job
   */
  async make(job: RenderJob, timeoutMs: number): Promise<Artifact> {
    await this.#within(maxStartMs, this.#ready.promise, 'RENDER_START')
    if (this.#isGone) throw startFault(this.#refusal)
    const { promise, resolve } = Promise.withResolvers<RendererMessage | 'gone'>()
    this.#answer = resolve
    this.#child.send(job)
    return readMessage(await this.#within(timeoutMs, promise, 'RENDER_TIMEOUT'))
  }

  /** Ends it at once, with what it has started. */
  end(): void {
    if (this.#isGone) return
    this.#isGone = true
    try {
      process.kill(-(this.#child.pid ?? NaN), 'SIGKILL')
    } catch {
      // It has ended, or was never there.
    }
    this.#tidyUp()
    this.#ready.resolve(undefined)
    this.#answer?.('gone')
  }

  #tidyUp(): void {
    try {
      rmSync(this.#temporary, { recursive: true, force: true })
    } catch {
      // What ends still writes, or the disk fails: it goes when the process has ended, or at the next start.
    }
  }

  #take(message: RendererMessage): void {
    if (message.kind === 'ready') this.#ready.resolve(undefined)
    else this.#answer?.(message)
  }

  async #within<Value>(
    ms: number,
    promise: Promise<Value>,
    code: 'RENDER_START' | 'RENDER_TIMEOUT'
  ): Promise<Value> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      const expected = `an end within ${ms / 1_000} seconds`
      late.reject(
        code === 'RENDER_START'
          ? startFault(`none within ${ms / 1_000} seconds`)
          : new Fault(code, 'the render took too long', { expected })
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

/** Of this machine and not of the render. */
export function startFault(found: string | undefined): Fault {
  return new Fault('RENDER_START', 'a process that renders cannot be started', {
    found: found ?? 'it ended at once',
    remedy: 'The machine may lack memory, processes or room on its disk.'
  })
}

function readMessage(message: RendererMessage | 'gone'): Artifact {
  if (message === 'gone') {
    throw new Fault('RENDER_ENDED', 'the process that rendered ended without an answer', {
      remedy: 'It may have needed too much memory: render less at a time.'
    })
  }
  switch (message.kind) {
    case 'made':
      return { ...message.artifact, bytes: Buffer.from(message.artifact.bytes) }
    case 'fault':
      throw new Fault(message.code, message.message, message.details)
    case 'defect':
      throw new Fault('RENDER_DEFECT', `a defect of mlgitops itself (${message.name})`)
    case 'ready':
      throw new Fault('RENDER_DEFECT', 'a renderer answered out of turn')
  }
}
