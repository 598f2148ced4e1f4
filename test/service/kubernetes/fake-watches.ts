import type { ServerResponse } from 'node:http'
import type { JsonObject } from '../../../common/json.ts'
import type { Asked } from './fake-request.ts'
import { StatusError } from './fake-storage.ts'
import type { FakeStorage } from './fake-storage.ts'

/** The open watches. */
export class FakeWatches {
  readonly #storage: FakeStorage
  readonly #open = new Map<ServerResponse, () => void>()
  /** Whether a version that is too old is answered with the status 410, or with an event in the stream as a cache does. */
  isGoneByStatus = false

  constructor(storage: FakeStorage) {
    this.#storage = storage
  }

  get count(): number {
    return this.#open.size
  }

  /** The `resourceVersion` that each watch started with. */
  readonly startedAt: string[] = []

  open({ plural, namespace, query }: Asked, response: ServerResponse): void {
    const from = query.get('resourceVersion') ?? ''
    this.startedAt.push(from)
    if (this.isGoneByStatus && Number(from) < this.#storage.compacted) {
      throw new StatusError(410, 'Expired', 'too old resource version')
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const send = (type: string, object: JsonObject) => {
      response.write(`${JSON.stringify({ type, object })}\n`)
    }
    try {
      const forget = this.#storage.follow(Number(from), event => {
        const metadata = event.object.metadata as { readonly namespace?: string }
        if (event.plural !== plural) return
        if (namespace !== '' && metadata.namespace !== namespace) return
        send(event.type, event.object)
      })
      const timer = setTimeout(() => response.end(), Number(query.get('timeoutSeconds')) * 1_000)
      const close = () => {
        clearTimeout(timer)
        forget()
        this.#open.delete(response)
      }
      this.#open.set(response, close)
      response.on('close', close)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      send('ERROR', error.body())
      response.end()
    }
  }

  /** Sends every watch a bookmark with the newest version. */
  bookmark(): void {
    const metadata = { resourceVersion: String(this.#storage.version) }
    this.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata } })}\n`)
  }

  /** Sends any text to every watch. */
  write(text: string): void {
    for (const response of this.#open.keys()) response.write(text)
  }

  /** Ends every watch as the server does after the watch's timeout. */
  endAll(): void {
    for (const [response, close] of this.#open) {
      close()
      response.end()
    }
  }

  /** Breaks every connection. */
  breakAll(): void {
    for (const [response, close] of this.#open) {
      close()
      response.destroy()
    }
  }
}
