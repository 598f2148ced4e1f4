import { readFileSync } from 'node:fs'
import { Fault } from '../../common/fault.ts'

/** How old a text may be before its file is read again, as client-go does for tokens. */
const freshMs = 60_000

/**
 * A small file that somebody replaces while we run, such as a token that the kubelet renews. The last
 * good text stays where the file cannot be read for a while.
 */
export class FreshFile {
  readonly #file: string
  readonly #nowMs: () => number
  #text: string
  #readAtMs: number

  /**
   * @param where what the file is called in messages
   * @param nowMs milliseconds of a clock that never goes back
   * @throws {Fault} `KUBERNETES_CONFIGURATION` when it cannot be read or is empty
   */
  constructor(file: string, where: string, nowMs: () => number) {
    this.#file = file
    this.#nowMs = nowMs
    this.#text = readFirst(file, where)
    this.#readAtMs = nowMs()
  }

  /** The text without surrounding space, at most a minute old. */
  text(): string {
    const nowMs = this.#nowMs()
    if (nowMs - this.#readAtMs >= freshMs) this.#readAgain(nowMs)
    return this.#text
  }

  /** The next {@link text} reads the file: the API server refused what it said. */
  expire(): void {
    this.#readAtMs = -Infinity
  }

  #readAgain(nowMs: number): void {
    this.#readAtMs = nowMs
    try {
      const text = readFileSync(this.#file, 'utf8').trim()
      if (text !== '') this.#text = text
    } catch {
      // It is being replaced: the last text stays.
    }
  }
}

function readFirst(file: string, where: string): string {
  let found = 'an empty file'
  try {
    const text = readFileSync(file, 'utf8').trim()
    if (text !== '') return text
  } catch (error) {
    found = (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
  throw new Fault('KUBERNETES_CONFIGURATION', 'a file of the Kubernetes client cannot be read', {
    where,
    found
  })
}
