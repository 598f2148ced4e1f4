import type { RolloutName } from './message.ts'

/** A rollout that has events and that nothing else names. */
export interface UnknownRollout extends RolloutName {
  /** Since the process started, or since the name was forgotten. */
  readonly events: number
  /** Milliseconds since 1970. */
  readonly lastMs: number
}

/** Bounds the memory that event senders can fill. */
const maxNames = 100

/** Counts events of rollouts that no hook has named. Of too many names, the silent ones are forgotten first. */
export class UnknownRollouts {
  /** The most recent last. */
  readonly #rollouts = new Map<string, UnknownRollout>()

  add({ namespace, name }: RolloutName, nowMs: number): void {
    const key = `${namespace}/${name}`
    const events = (this.#rollouts.get(key)?.events ?? 0) + 1
    this.#rollouts.delete(key)
    this.#rollouts.set(key, { namespace, name, events, lastMs: nowMs })
    const [oldest] = this.#rollouts.keys()
    if (this.#rollouts.size > maxNames && oldest !== undefined) this.#rollouts.delete(oldest)
  }

  /** Returns those that are unknown still, the most recent first. */
  list(isUnknown: (rollout: RolloutName) => boolean): readonly UnknownRollout[] {
    for (const [key, rollout] of this.#rollouts) {
      if (!isUnknown(rollout)) this.#rollouts.delete(key)
    }
    return [...this.#rollouts.values()].reverse()
  }
}
