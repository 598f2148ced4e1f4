import { isFault } from '../../../common/fault.ts'
import type { Fault } from '../../../common/fault.ts'
import type { Artifact } from '../artifact/artifact.ts'
import type { RenderInput } from './render-release.ts'

/** A render that failed, which fails again for the same inputs. */
interface LastFailure {
  readonly inputs: string
  readonly fault: Fault
  readonly atMs: number
}

/** Renders a release to what is published of it. */
export type MakeArtifact = (input: RenderInput) => Promise<Artifact>

/** Something beside the inputs may have been at fault, such as a kustomize that is not installed. */
const failureStandsMs = 60_000
/** One that was ended after a minute, or for its memory, would take a renderer from others again. */
const runawayStandsMs = 15 * 60_000

/** Makes artifacts of releases, and remembers what failed. */
export class Renderings {
  readonly #make: MakeArtifact
  readonly #nowMs: () => number
  readonly #failures = new Map<string, LastFailure>()
  /** How many times something was rendered, for metrics. */
  count = 0

  /** @param nowMs milliseconds of a clock that never goes back */
  constructor(make: MakeArtifact, nowMs: () => number) {
    this.#make = make
    this.#nowMs = nowMs
  }

  /**
   * Renders, unless that failed just now.
   *
   * @param uid of the release
   * @param inputs changes when anything does that goes into it
   * @throws {Fault} as what makes them
   */
  async make(uid: string, inputs: string, input: RenderInput): Promise<Artifact> {
    const last = this.#failures.get(uid)
    if (last?.inputs === inputs && this.#nowMs() - last.atMs < standsMs(last)) throw last.fault
    this.#failures.delete(uid)
    this.count += 1
    try {
      return await this.#make(input)
    } catch (error) {
      const isOfRender = isFault(error) && error.code !== 'RENDER_START'
      if (isOfRender) this.#failures.set(uid, { inputs, fault: error, atMs: this.#nowMs() })
      throw error
    }
  }

  /** A release is gone. */
  forget(uid: string): void {
    this.#failures.delete(uid)
  }
}

function standsMs({ fault }: LastFailure): number {
  const isRunaway = fault.code === 'RENDER_TIMEOUT' || fault.code === 'RENDER_ENDED'
  return isRunaway ? runawayStandsMs : failureStandsMs
}
