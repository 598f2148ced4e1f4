import { Fault } from '../../../common/fault.ts'

/** Takes bytes off a stream in the portions that are asked for, within a bound. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  readonly #maxBytes: number
  #held: Buffer = Buffer.alloc(0)
  /** Bytes that were read off the stream. */
  seenBytes = 0

  constructor(stream: AsyncIterable<Buffer>, maxBytes: number) {
    this.#chunks = stream[Symbol.asyncIterator]()
    this.#maxBytes = maxBytes
  }

  /**
   * The next `count` bytes.
   *
   * @throws {Fault} `SOURCE_ARCHIVE` where the stream ends before, `SOURCE_TOO_LARGE`
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

  /** Drops the next `count` bytes without holding them. Throws as {@link take} does. */
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
    if (next.done === true) throw new Fault('SOURCE_ARCHIVE', 'the archive breaks off')
    const { value } = next
    this.seenBytes += value.length
    if (this.seenBytes <= this.#maxBytes) return value
    throw new Fault('SOURCE_TOO_LARGE', 'the archive unpacks to too much', {
      expected: `at most ${this.#maxBytes} bytes`
    })
  }
}
