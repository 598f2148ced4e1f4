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
    for (const event of ['error', 'exit'] as const) {
      this.#child.on(event, () => {
        this.end()
      })
    }
  }

  get isGone(): boolean {
    return this.#isGone
  }

  /**
   * Has a job done.
   *
   * @throws {Fault} of the render; `RENDER_TIMEOUT` after `timeoutMs`, `RENDER_ENDED` where its process
   *   went, as one does that needs too much memory
   */
  async make(job: RenderJob, timeoutMs: number): Promise<Artifact> {
    await this.#within(maxStartMs, this.#ready.promise)
    const { promise, resolve } = Promise.withResolvers<RendererMessage | 'gone'>()
    this.#answer = resolve
    if (this.#isGone) resolve('gone')
    else this.#child.send(job)
    return readMessage(await this.#within(timeoutMs, promise))
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
    rmSync(this.#temporary, { recursive: true, force: true })
    this.#ready.resolve(undefined)
    this.#answer?.('gone')
  }

  #take(message: RendererMessage): void {
    if (message.kind === 'ready') this.#ready.resolve(undefined)
    else this.#answer?.(message)
  }

  async #within<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      const expected = `an end within ${ms / 1_000} seconds`
      late.reject(new Fault('RENDER_TIMEOUT', 'the render took too long', { expected }))
      this.end()
    }, ms)
    try {
      return await Promise.race([promise, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
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
