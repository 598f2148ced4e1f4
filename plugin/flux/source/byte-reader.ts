import { Fault } from '../../../common/fault.ts'

/** Reads a stream in portions of a requested size, up to a total of `maxBytes`. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  readonly #maxBytes: number
  #held: Buffer = Buffer.alloc(0)
  /** Bytes read from the stream so far. */
  seenBytes = 0

  constructor(stream: AsyncIterable<Buffer>, maxBytes: number) {
    this.#chunks = stream[Symbol.asyncIterator]()
    this.#maxBytes = maxBytes
  }

  /**
   * Returns the next `count` bytes.
   *
   * @throws {Fault} `SOURCE_ARCHIVE` if the stream ends before, `SOURCE_TOO_LARGE`
   */
  async take(count: number): Promise<Buffer> {
    if (this.#held.length >= count) {
      const bytes = this.#held.subarray(0, count)
      this.#held = this.#held.subarray(count)
      return bytes
    }
    const parts = [this.#held]
    let length = this.#held.length
    while (length < count) {
      const chunk = await this.#next()
      parts.push(chunk)
      length += chunk.length
    }
    const all = Buffer.concat(parts, length)
    this.#held = all.subarray(count)
    return all.subarray(0, count)
  }

  /** Drops the next `count` bytes without buffering them. Throws like {@link take}. */
  async skip(count: number): Promise<void> {
    let left = count - this.#held.length
    if (left <= 0) {
      this.#held = this.#held.subarray(count)
      return
    }
    for (;;) {
      const chunk = await this.#next()
      if (chunk.length >= left) {
        this.#held = chunk.subarray(left)
        return
      }
      left -= chunk.length
    }
  }

  async #next(): Promise<Buffer> {
    const next = await this.#chunks.next()
    if (next.done === true) throw new Fault('SOURCE_ARCHIVE', 'the archive is truncated')
    const { value } = next
    this.seenBytes += value.length
    if (this.seenBytes <= this.#maxBytes) return value
    throw new Fault('SOURCE_TOO_LARGE', 'the unpacked archive is too large', {
      expected: `at most ${this.#maxBytes} bytes`
    })
  }
}
