import { closeSync, constants, openSync, readSync } from 'node:fs'

/** Runs an action, and turns an error of the system into a fault. */
type Guard = <Result>(action: () => Result) => Result

const partBytes = 256 * 1024
const maxKeptBytes = 4 * 1024 * 1024

/** Reads regular files by absolute path, without following links. */
export class UnlinkedFiles {
  /** For parts of files, while no file is read in parts: most files are much smaller. */
  #part: Buffer | undefined
  readonly #kept = new Map<string, Buffer>()
  #keptBytes = 0

  /** The bytes of a small file, which are not changed. They are kept until {@link take} takes them. */
  wholeOf(absolute: string, guard: Guard): Buffer {
    const known = this.#kept.get(absolute)
    if (known !== undefined) return known
    const parts: Buffer[] = []
    for (const part of this.partsOf(absolute, guard)) parts.push(Buffer.from(part))
    const [only = Buffer.alloc(0)] = parts
    const bytes = parts.length < 2 ? only : Buffer.concat(parts)
    if (this.#keptBytes + bytes.length <= maxKeptBytes) {
      this.#keptBytes += bytes.length
      this.#kept.set(absolute, bytes)
    }
    return bytes
  }

  /** Yields the bytes of a file in parts. A part is valid until the next one is requested. */
  *partsOf(absolute: string, guard: Guard): Generator<Buffer> {
    const file = guard(() => openSync(absolute, flags))
    const part = this.#part ?? Buffer.allocUnsafe(partBytes)
    this.#part = undefined
    try {
      for (;;) {
        const length = guard(() => readSync(file, part, 0, partBytes, null))
        if (length === 0) return
        yield part.subarray(0, length)
      }
    } finally {
      this.#part = part
      closeSync(file)
    }
  }

  /** The bytes that {@link wholeOf} keeps of a file; undefined if it does not. */
  take(absolute: string): Buffer | undefined {
    const bytes = this.#kept.get(absolute)
    if (bytes === undefined) return undefined
    this.#kept.delete(absolute)
    this.#keptBytes -= bytes.length
    return bytes
  }
}

/** Opening a pipe would block. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
