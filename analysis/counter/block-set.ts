/**
 * The set of blocks that were seen, stored as ranges, so that its size depends on the gaps and not on the
 * number of blocks. Blocks may be added in any order and more than once.
 */
export class BlockSet {
  /** First and last block of each range, in order. No two ranges touch. */
  readonly #runs: [number, number][] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  has(block: number): boolean {
    const run = this.#runs[this.#lastFrom(block)]
    return run !== undefined && block <= run[1]
  }

  add(block: number): void {
    if (this.has(block)) return
    this.#size += 1
    const at = this.#lastFrom(block)
    const [before, after] = [this.#runs[at], this.#runs[at + 1]]
    const joinsBefore = before?.[1] === block - 1
    if (before !== undefined && joinsBefore) before[1] = block
    if (after?.[0] !== block + 1) {
      if (!joinsBefore) this.#runs.splice(at + 1, 0, [block, block])
    } else if (before !== undefined && joinsBefore) {
      before[1] = after[1]
      this.#runs.splice(at + 1, 1)
    } else after[0] = block
  }

  /** The index of the last range that starts at or before a block, by binary search; -1 if there is none. */
  #lastFrom(block: number): number {
    let [low, high] = [0, this.#runs.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#runs[middle]?.[0] ?? 0) <= block) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}
