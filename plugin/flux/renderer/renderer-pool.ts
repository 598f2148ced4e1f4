import { rmSync } from 'node:fs'
import path from 'node:path'
import { isFault } from '../../../common/fault.ts'
import type { Signing } from '../../../evidence/attestation/signing.ts'
import type { Artifact } from '../artifact/artifact.ts'
import type { RenderInput } from '../release/render-release.ts'
import { Renderer, startFault } from './renderer.ts'
import type { SignInParent } from './renderer.ts'
import type { JobSigning } from './renderer-process.ts'

/** Limits of renderer processes and renders. */
export interface RendererLimits {
  readonly maxProcesses: number
  /** Another process starts when a render has waited this long: quick renders need only one. */
  readonly patienceMs: number
  /** Time for one render. */
  readonly timeoutMs: number
  /** Idle processes are ended after this time. */
  readonly idleMs: number
}

/** Two processes, the second after a second of waiting; one minute per render, one minute idle. */
export const defaultRendererLimits: RendererLimits = {
  maxProcesses: 2,
  patienceMs: 1_000,
  timeoutMs: 60_000,
  idleMs: 60_000
}

interface Waiting {
  readonly resolve: (renderer: Renderer) => void
  readonly reject: (error: Error) => void
}

/**
 * Renders in child processes. A repository can use a processor for minutes, fill the memory or trigger a
 * bug; meanwhile artifacts are served, the Lease is renewed and other releases are rendered.
 *
 * A process that ended, or hit a bug, is replaced when the next render needs one. An earlier render can
 * have left the bug behind, so that a bug in a used process is not yet a fault: the render is repeated in
 * a new process.
 */
export class RendererPool {
  readonly #folder: string
  readonly #limits: RendererLimits
  readonly #free: Renderer[] = []
  readonly #all = new Set<Renderer>()
  readonly #waiting: Waiting[] = []
  #idle: NodeJS.Timeout | undefined
  #growth: NodeJS.Timeout | undefined
  #count = 0
  #isClosed = false

  /** @param folder for temporary files of renders; its content is removed */
  constructor(folder: string, limits: RendererLimits = defaultRendererLimits) {
    rmSync(folder, { recursive: true, force: true })
    this.#folder = folder
    this.#limits = limits
  }

  /**
   * Renders a release and returns its artifact.
   *
   * @throws {Fault} as renderRelease and buildArtifact; `RENDER_TIMEOUT`, `RENDER_ENDED`, `RENDER_DEFECT`,
   *   `RENDER_START` as {@link Renderer.render}
   * @throws {Error} after {@link close}
   */
  async render({ signing, ...input }: RenderInput): Promise<Artifact> {
    const job = { ...input, signing: jobSigning(signing) }
    const sign: SignInParent | undefined =
      signing?.kind === 'signer' ? (bytes, signal) => signing.signer.sign(bytes, signal) : undefined
    let renderer = await this.#take()
    const isUsed = renderer.hasRendered
    try {
      try {
        return await renderer.render(job, this.#limits.timeoutMs, sign)
      } catch (error) {
        if (!isUsed || this.#isClosed || !isBug(error)) throw error
        this.#all.delete(renderer)
        renderer = this.#start()
        return await renderer.render(job, this.#limits.timeoutMs, sign)
      }
    } catch (error) {
      // close() killed the process: not a fault of the render.
      if (this.#isClosed) throw closed()
      throw error
    } finally {
      this.#giveBack(renderer)
    }
  }

  /** Kills every process; renders that wait or run fail. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#idle)
    clearTimeout(this.#growth)
    for (const { reject } of this.#waiting.splice(0)) reject(closed())
    for (const renderer of this.#all) renderer.end()
  }

  async #take(): Promise<Renderer> {
    if (this.#isClosed) throw closed()
    clearTimeout(this.#idle)
    const free = this.#free.find(({ isGone }) => !isGone)
    if (free !== undefined) {
      this.#free.splice(this.#free.indexOf(free), 1)
      return free
    }
    if (this.#all.size === 0) return this.#start()
    const { promise, resolve, reject } = Promise.withResolvers<Renderer>()
    this.#waiting.push({ resolve, reject })
    if (this.#waiting.length === 1) this.#growLater()
    return promise
  }

  /** Starts another process if the next render still waits after the patience. */
  #growLater(): void {
    clearTimeout(this.#growth)
    const { maxProcesses, patienceMs } = this.#limits
    if (this.#all.size >= maxProcesses || this.#waiting.length === 0) return
    this.#growth = setTimeout(() => {
      const next = this.#waiting.shift()
      if (next !== undefined) this.#startFor(next)
      this.#growLater()
    }, patienceMs)
  }

  /** Settles the waiting render in any case. */
  #startFor({ resolve, reject }: Waiting): void {
    try {
      resolve(this.#start())
    } catch (error) {
      reject(error as Error)
    }
  }

  #start(): Renderer {
    this.#count += 1
    try {
      const renderer = new Renderer(path.join(this.#folder, `renderer-${this.#count}`))
      this.#all.add(renderer)
      return renderer
    } catch (error) {
      throw startFault((error as NodeJS.ErrnoException).code)
    }
  }

  #giveBack(renderer: Renderer): void {
    if (renderer.isGone) this.#all.delete(renderer)
    if (this.#isClosed) return
    const next = this.#waiting.shift()
    if (next !== undefined) {
      if (renderer.isGone) this.#startFor(next)
      else next.resolve(renderer)
      this.#growLater()
      return
    }
    if (!renderer.isGone) this.#free.push(renderer)
    clearTimeout(this.#growth)
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => {
      for (const free of this.#free.splice(0)) {
        this.#all.delete(free)
        free.end()
      }
    }, this.#limits.idleMs)
    this.#idle.unref()
  }
}

function jobSigning(signing: Signing | undefined): JobSigning | undefined {
  if (signing === undefined) return undefined
  if (signing.kind === 'signer') return { kind: 'parent', keyId: signing.signer.keyId }
  const pem = signing.key.key.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { kind: 'key', pem }
}

function isBug(error: unknown): boolean {
  return isFault(error) && error.code === 'RENDER_DEFECT'
}

function closed(): Error {
  return new Error('the renderer pool is closed')
}
