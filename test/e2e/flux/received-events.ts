import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import { serveOnLoopback } from '../rig/loopback-server.ts'
import type { Machine } from '../rig/machine.ts'

/** The endpoint behind the address to which Flux's controllers and ours send their events. */
export type EventBackend =
  /** The suite, which accepts all events. */
  | { readonly kind: 'suite' }
  /** None for our controller: like a Service without endpoints, it refuses connections. */
  | { readonly kind: 'none' }
  /** The real notification-controller. */
  | { readonly kind: 'host'; readonly url: string }

/** An event that our controller posted, with the answer. */
export interface Posted {
  readonly event: JsonObject
  /** Status of the answer; undefined: the connection was refused. */
  readonly status: number | undefined
}

/** The Service of notification-controller: records the events of Flux's controllers and ours. */
export class ReceivedEvents {
  readonly url: string
  readonly all: JsonObject[] = []
  /** Every post of our controller. */
  readonly posts: Posted[] = []
  backend: EventBackend = { kind: 'suite' }
  /** The answer to our next post with a matching message is lost. */
  losesAnswerTo: RegExp | undefined

  private constructor(url: string) {
    this.url = url
  }

  static async start(machine: Machine): Promise<ReceivedEvents> {
    const url = await serveOnLoopback(machine, (request, response) => {
      void events.#take(request, response).catch(() => response.destroy())
    })
    const events = new ReceivedEvents(`${url}/`)
    return events
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const event = JSON.parse(body) as JsonObject
    const isOurs = stringMember(event, 'reportingController') === 'mlgitops'
    if (isOurs && this.backend.kind === 'none') {
      this.posts.push({ event, status: undefined })
      request.socket.destroy()
      return
    }
    const status = this.backend.kind === 'host' ? await post(this.backend.url, body) : 202
    this.all.push(event)
    if (isOurs) this.posts.push({ event, status })
    if (isOurs && this.losesAnswerTo?.test(stringMember(event, 'message') ?? '')) {
      this.losesAnswerTo = undefined
      request.socket.destroy()
      return
    }
    response.writeHead(status).end()
  }

  /** The events of an object, in the order of arrival. */
  of(kind: string, name: string): readonly JsonObject[] {
    return this.all.filter(
      ({ involvedObject }) =>
        stringMember(involvedObject, 'kind') === kind &&
        stringMember(involvedObject, 'name') === name
    )
  }

  /** Waits for an event of an object with a matching message. */
  until(kind: string, name: string, message: RegExp): Promise<JsonObject> {
    return eventually(
      () => this.of(kind, name).find(event => message.test(stringMember(event, 'message') ?? '')),
      { what: `an event of ${kind} ${name} like ${String(message)} arrived` }
    )
  }
}

async function post(url: string, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body })
  await response.body?.cancel()
  return response.status
}

/** The metadata of our event without the token, which differs each time. */
export function factsOf(event: JsonObject): JsonObject {
  const facts = Object.entries((event.metadata ?? {}) as JsonObject)
  return Object.fromEntries(facts.filter(([key]) => !key.endsWith('/token')))
}
