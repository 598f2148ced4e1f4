import { isFault } from '../../../common/fault.ts'
import type { Fault } from '../../../common/fault.ts'
import type { Artifact } from '../artifact/artifact.ts'
import type { RenderInput } from './render-release.ts'

/** A failed render. The same inputs would fail again. */
interface LastFailure {
  readonly inputs: string
  readonly fault: Fault
  readonly atMs: number
}

/** Renders a release and builds its artifact. */
export type RenderArtifact = (input: RenderInput) => Promise<Artifact>

/** The cause may be outside the inputs, such as a kustomize that is not installed. */
const failureBackoffMs = 60_000
/** A render that exceeded its time or memory would block a renderer process again. */
const runawayBackoffMs = 15 * 60_000

/** Renders releases, with a back-off for inputs that failed. */
export class RenderBackoff {
  readonly #render: RenderArtifact
  readonly #nowMs: () => number
  readonly #failures = new Map<string, LastFailure>()
  /** Number of renders, for metrics. */
  count = 0

  /** @param nowMs milliseconds of a monotonic clock */
  constructor(render: RenderArtifact, nowMs: () => number) {
    this.#render = render
    this.#nowMs = nowMs
  }

  /**
   * Renders, or throws the last fault again if the same inputs failed less than the back-off ago.
   *
   * @param uid the release's UID
   * @param inputs a fingerprint of everything that the render depends on
   * @throws {Fault} as the {@link RenderArtifact}
   */
  async render(uid: string, inputs: string, input: RenderInput): Promise<Artifact> {
    const last = this.#failures.get(uid)
    if (last?.inputs === inputs && this.#nowMs() - last.atMs < backoffMs(last)) throw last.fault
    this.#failures.delete(uid)
    this.count += 1
    try {
      return await this.#render(input)
    } catch (error) {
      const isOfRender = isFault(error) && error.code !== 'RENDER_START'
      if (isOfRender) this.#failures.set(uid, { inputs, fault: error, atMs: this.#nowMs() })
      throw error
    }
  }

  /** Drops the state of a deleted release. */
  forget(uid: string): void {
    this.#failures.delete(uid)
  }
}

function backoffMs({ fault }: LastFailure): number {
  const isRunaway = fault.code === 'RENDER_TIMEOUT' || fault.code === 'RENDER_ENDED'
  return isRunaway ? runawayBackoffMs : failureBackoffMs
}
