/**
 * Which blocks were seen, as runs of neighbours: its size depends on the gaps, not on the blocks. Blocks
 * may be added in any order and more than once.
 */
export class BlockSet {
  /** First and last of each run, in order, no two of which touch. */
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

  /** The last run that begins at or before a block, by halving; -1 for none. */
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
