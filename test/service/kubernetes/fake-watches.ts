import type { ServerResponse } from 'node:http'
import type { JsonObject } from '../../../common/json.ts'
import type { Asked } from './fake-request.ts'
import { StatusError } from './fake-storage.ts'
import type { FakeStorage } from './fake-storage.ts'

/** The watches that are open. */
export class FakeWatches {
  readonly #storage: FakeStorage
  readonly #open = new Map<ServerResponse, () => void>()
  /** Whether a version that is too old is told by the status, or by an event in the stream as a cache does. */
  isGoneByStatus = false

  constructor(storage: FakeStorage) {
    this.#storage = storage
  }

  get count(): number {
    return this.#open.size
  }

  /** The `resourceVersion` that each watch began with. */
  readonly begunAt: string[] = []

  open({ plural, namespace, query }: Asked, response: ServerResponse): void {
    const from = query.get('resourceVersion') ?? ''
    this.begunAt.push(from)
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

  /** Tells every watch the newest version. */
  bookmark(): void {
    const metadata = { resourceVersion: String(this.#storage.version) }
    this.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata } })}\n`)
  }

  /** Anything at all, to every watch. */
  write(text: string): void {
    for (const response of this.#open.keys()) response.write(text)
  }

  /** Ends every watch as the server does after its time. */
  endAll(): void {
    for (const [response, close] of this.#open) {
      close()
      response.end()
    }
  }

  /** Breaks every connection off. */
  breakAll(): void {
    for (const [response, close] of this.#open) {
      close()
      response.destroy()
    }
  }
}
