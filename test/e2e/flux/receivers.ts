import { createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import { serveOnLoopback } from '../rig/loopback-server.ts'
import type { Machine } from '../rig/machine.ts'

/** A commit status that the Git host received. */
export interface CommitStatus {
  readonly commit: string
  readonly state: string
  readonly description: string
  readonly context: string
}

/** The key of signatures, and the token of the Git host. */
export const secrets = { hmac: 'a-key-of-the-suite', git: 'a-token-of-the-suite' } as const

/** The receivers of notification-controller: for events, a chat, and a Git host with Gitea's API. */
export class Receivers {
  readonly url: string
  readonly events: JsonObject[] = []
  /** Events with a valid signature. */
  readonly signed: JsonObject[] = []
  readonly chat: JsonObject[] = []
  readonly statuses: CommitStatus[] = []

  private constructor(url: string) {
    this.url = url
  }

  static async start(machine: Machine): Promise<Receivers> {
    const url = await serveOnLoopback(machine, (request, response) => {
      void receivers.#answer(request, response).catch(() => response.destroy())
    })
    const receivers = new Receivers(url)
    return receivers
  }

  /** Waits until `find` returns something. */
  until<Found>(what: string, find: (all: Receivers) => Found | undefined): Promise<Found> {
    return eventually(() => find(this), { what: `notification-controller sends ${what}` })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const { url = '', headers } = request
    const read = () => JSON.parse(body) as JsonObject
    switch (url) {
      case '/events':
        this.events.push(read())
        break
      case '/signed':
        if (headers['x-signature'] === signatureOf(body)) this.signed.push(read())
        break
      case '/chat':
        this.chat.push(read())
        break
      default:
        answerJson(
          response,
          url === '/api/v1/version' ? { version: '1.22.0' } : this.#git(request, body)
        )
        return
    }
    response.end()
  }

  /** Lists the statuses of a commit, newest first, or adds one, like Gitea. */
  #git({ method, url = '', headers }: IncomingMessage, body: string): JsonObject | JsonObject[] {
    const [, commit = ''] = /\/repos\/acme\/mlops-repo\/.*\b([0-9a-f]{40})\b/.exec(url) ?? []
    if (headers.authorization !== `token ${secrets.git}` || commit === '') return { message: 'no' }
    if (method === 'GET') {
      const all = this.statuses.filter(each => each.commit === commit)
      return all.reverse().map(({ state, ...rest }) => ({ ...rest, status: state }))
    }
    const posted = JSON.parse(body) as JsonObject
    const text = (key: string) => stringMember(posted, key) ?? ''
    const [state, description, context] = ['state', 'description', 'context'].map(text)
    this.statuses.push({
      ...{ commit, state: state ?? '' },
      ...{ description: description ?? '', context: context ?? '' }
    })
    return { status: state ?? '' }
  }
}

function answerJson(response: ServerResponse, value: JsonObject | JsonObject[]): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

function signatureOf(body: string): string {
  return `sha256=${createHmac('sha256', secrets.hmac).update(body).digest('hex')}`
}

/** Returns a test whether a received event is about this ExternalArtifact. */
export function isOf(name: string): (event: JsonObject) => boolean {
  return event => stringMember(member(event, 'involvedObject'), 'name') === name
}
