import type { ChildProcess } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { Fault, isFault } from '../../../common/fault.ts'
import type { Artifact } from '../artifact/artifact.ts'
import { faultMessage, startRenderer } from './renderer-process.ts'
import type { RendererMessage, RenderJob, SignAnswer } from './renderer-process.ts'

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
  #sign: SignInParent | undefined
  /** Aborted when the process ends: a signature is for nobody then. */
  readonly #end = new AbortController()
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
   * @param sign signs for a job whose signing is `parent`
   * @throws {Fault} the fault of the render; `RENDER_TIMEOUT` after `timeoutMs`; `RENDER_ENDED` if the
   *   process ended during the job, such as for lack of memory; `RENDER_DEFECT` if the job hit a bug;
   *   `RENDER_START` if the process ended before it received the job
   */
  async render(job: RenderJob, timeoutMs: number, sign?: SignInParent): Promise<Artifact> {
    await this.#withDeadline(maxStartMs, this.#ready.promise, 'RENDER_START')
    if (this.#isGone) throw startFault(this.#startError)
    const { promise, resolve } = Promise.withResolvers<RendererMessage | 'gone'>()
    this.#answer = resolve
    this.#sign = sign
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
    this.#end.abort()
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
    else if (message.kind === 'sign') void this.#answerSign(message.bytes)
    else this.#answer?.(message)
  }

  async #answerSign(bytes: Uint8Array): Promise<void> {
    const answer = await signatureOf(bytes, this.#sign, this.#end.signal)
    if (this.#isGone) return
    if (answer === 'bug') this.#answer?.({ kind: 'bug', name: 'signing' })
    else this.#child.send(answer)
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

/** Signs bytes in this process, until `signal` aborts. */
export type SignInParent = (bytes: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>

async function signatureOf(
  bytes: Uint8Array,
  sign: SignInParent | undefined,
  signal: AbortSignal
): Promise<SignAnswer | 'bug'> {
  try {
    return sign === undefined ? 'bug' : { kind: 'signature', bytes: await sign(bytes, signal) }
  } catch (error) {
    return isFault(error) ? faultMessage(error) : 'bug'
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
    case 'sign':
      throw new Fault('RENDER_DEFECT', 'internal error (unexpected message)')
  }
}
