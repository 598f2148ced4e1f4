import type { Message } from './message.ts'

interface Waiting {
  readonly messages: readonly Message[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const maxMessagesAtOnce = 20_000

/** Ingests the messages of several requests in one transaction, because a synchronised write is expensive. */
export class IngestQueue {
  readonly #ingest: (messages: readonly Message[]) => void
  #waiting: Waiting[] = []

  /** @param ingest its messages are durable when it returns */
  constructor(ingest: (messages: readonly Message[]) => void) {
    this.#ingest = ingest
  }

  /** Resolves when all messages are durable; rejects if none is. */
  add(messages: readonly Message[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ messages, resolve, reject })
      if (this.#waiting.length === 1) {
        setImmediate(() => {
          this.#flush()
        })
      }
    })
  }

  #flush(): void {
    const all = this.#waiting
    this.#waiting = []
    for (let from = 0; from < all.length;) {
      const together: Waiting[] = []
      let count = 0
      for (let at = from; at < all.length; at += 1) {
        const next = all[at]
        if (next === undefined) break
        if (together.length > 0 && count + next.messages.length > maxMessagesAtOnce) break
        together.push(next)
        count += next.messages.length
      }
      from += together.length
      this.#take(together)
    }
  }

  #take(together: readonly Waiting[]): void {
    try {
      this.#ingest(together.flatMap(({ messages }) => messages))
    } catch (error) {
      for (const { reject } of together) reject(error)
      return
    }
    for (const { resolve } of together) resolve()
  }
}
