import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import { serveOnLoopback } from '../rig/loopback-server.ts'
import type { Machine } from '../rig/machine.ts'

/** What stands behind the address that Flux's controllers and ours tell their events. */
export type Behind =
  /** Nobody but the suite, which takes them all. */
  | { readonly kind: 'suite' }
  /** For us, no pod is ready: a Service without endpoints refuses. */
  | { readonly kind: 'nobody' }
  /** The real notification-controller. */
  | { readonly kind: 'host'; readonly url: string }

/** A post of ours, and what came of it. */
export interface Posted {
  readonly event: JsonObject
  /** Of the answer; undefined: it was refused. */
  readonly status: number | undefined
}

/** The Service of notification-controller: writes down what Flux's controllers and ours tell it. */
export class ToldEvents {
  readonly url: string
  readonly all: JsonObject[] = []
  /** Ours, every attempt. */
  readonly posts: Posted[] = []
  behind: Behind = { kind: 'suite' }
  /** The host's answer to the next post of ours whose message is like this is lost on its way. */
  losesAnswerTo: RegExp | undefined

  private constructor(url: string) {
    this.url = url
  }

  static async start(machine: Machine): Promise<ToldEvents> {
    const url = await serveOnLoopback(machine, (request, response) => {
      void told.#take(request, response).catch(() => response.destroy())
    })
    const told = new ToldEvents(`${url}/`)
    return told
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const event = JSON.parse(body) as JsonObject
    const isOurs = stringMember(event, 'reportingController') === 'mlgitops'
    if (isOurs && this.behind.kind === 'nobody') {
      this.posts.push({ event, status: undefined })
      request.socket.destroy()
      return
    }
    const status = this.behind.kind === 'host' ? await post(this.behind.url, body) : 202
    this.all.push(event)
    if (isOurs) this.posts.push({ event, status })
    if (isOurs && this.losesAnswerTo?.test(stringMember(event, 'message') ?? '')) {
      this.losesAnswerTo = undefined
      request.socket.destroy()
      return
    }
    response.writeHead(status).end()
  }

  /** Those of an object, in the order they came. */
  of(kind: string, name: string): readonly JsonObject[] {
    return this.all.filter(
      ({ involvedObject }) =>
        stringMember(involvedObject, 'kind') === kind &&
        stringMember(involvedObject, 'name') === name
    )
  }

  /** Waits for one whose message is like this. */
  until(kind: string, name: string, message: RegExp): Promise<JsonObject> {
    return eventually(
      () => this.of(kind, name).find(event => message.test(stringMember(event, 'message') ?? '')),
      { what: `an event of ${kind} ${name} like ${String(message)} was told` }
    )
  }
}

async function post(url: string, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body })
  await response.body?.cancel()
  return response.status
}

/** The metadata of an event of ours without the token, which is another one each time. */
export function factsOf(event: JsonObject): JsonObject {
  const facts = Object.entries((event.metadata ?? {}) as JsonObject)
  return Object.fromEntries(facts.filter(([key]) => !key.endsWith('/token')))
}
