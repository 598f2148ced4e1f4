import { json } from 'node:stream/consumers'
import { stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import { serveOnLoopback } from '../rig/loopback-server.ts'
import type { Machine } from '../rig/machine.ts'

/** Takes what Flux's controllers and ours tell notification-controller, in its place. */
export class ToldEvents {
  readonly url: string
  readonly all: JsonObject[] = []

  private constructor(url: string) {
    this.url = url
  }

  static async start(machine: Machine): Promise<ToldEvents> {
    const url = await serveOnLoopback(machine, (request, response) => {
      void json(request).then(body => {
        told.all.push(body as JsonObject)
        response.writeHead(202).end()
      })
    })
    const told = new ToldEvents(`${url}/`)
    return told
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
