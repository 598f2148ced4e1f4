/** A prediction of the canary with a score, as AUC is judged by it. Plain JSON. */
export interface RankedEvent {
  /** The start of its block, in milliseconds since 1970. */
  readonly blockMs: number
  /** A digest of its run and ID: events are paired in its order, which knows nothing of scores. */
  readonly key: string
  readonly score: number
  /** Null without a label. */
  readonly isPositive: boolean | null
  readonly cluster: string | null
}

/** Those with the first keys count, whatever their label is. */
const mostOfBlock = 2_000

/** The predictions with a score in open blocks. Its size depends on the time that is open. */
export class RankBook {
  readonly #open = new Map<number, Map<string, RankedEvent>>()

  /** Adds a prediction, or replaces what was known of it. */
  put(event: RankedEvent): void {
    const block = this.#open.get(event.blockMs) ?? new Map<string, RankedEvent>()
    block.set(event.key, event)
    this.#open.set(event.blockMs, block.size > 2 * mostOfBlock ? trimmed(block) : block)
  }

  /** The predictions of a block, in the order of their keys. */
  of(blockMs: number): readonly RankedEvent[] {
    return [...trimmed(this.#open.get(blockMs) ?? new Map<string, RankedEvent>()).values()]
  }

  forgetBefore(blockMs: number): void {
    for (const startMs of this.#open.keys()) if (startMs < blockMs) this.#open.delete(startMs)
  }
}

function trimmed(block: ReadonlyMap<string, RankedEvent>): Map<string, RankedEvent> {
  const inOrder = [...block].sort(([a], [b]) => (a < b ? -1 : 1))
  return new Map(inOrder.slice(0, mostOfBlock))
}
