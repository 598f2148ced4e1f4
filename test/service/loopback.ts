import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { connect } from 'node:net'
import type { Test } from 'tap'
import { jsonAnswer, textAnswer } from '../../service/http/answer.ts'
import type { ServerLimits } from '../../service/http/limits.ts'
import type { ServerObserver } from '../../service/http/observer.ts'
import type { Route } from '../../service/http/route.ts'
import { startServer } from '../../service/http/server.ts'
import type { RunningServer } from '../../service/http/server.ts'
import type { TlsPair } from '../../service/http/tls.ts'

/** Any free port of the loopback. */
export const listen = { host: '127.0.0.1', port: 0 }
/** Anything with an address. */
export type Listener = Pick<RunningServer, 'address'>

/** An answer. */
export interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** A request; by default GET `/`. */
export interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: http.OutgoingHttpHeaders
  readonly body?: string | Buffer
  readonly agent?: http.Agent
  /** Uses HTTPS; the CA that the client trusts, PEM. */
  readonly ca?: string
  /** The client's certificate. */
  readonly client?: TlsPair
}

/** Sends one request, over HTTPS if a CA is given. */
export function ask(server: Listener, sent: Sent = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { path = '/', method = 'GET', headers = {}, agent, ca, client } = sent
    const { host, port } = server.address
    const options = { host, port, path, method, headers, ...(agent && { agent }) }
    const tls = { ca, cert: client?.certificatePem, key: client?.keyPem }
    const request = ca === undefined ? http.request(options) : https.request({ ...options, ...tls })
    request.on('response', response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
      })
    })
    request.on('error', reject)
    request.end(sent.body)
  })
}

/** Sends bytes as they are, and returns what comes back until the server closes the connection. */
export async function raw(server: RunningServer, text: string): Promise<string> {
  const socket = connect(server.address.port, '127.0.0.1')
  socket.on('error', () => undefined)
  let received = ''
  socket.on('data', chunk => (received += chunk.toString()))
  socket.write(text)
  await once(socket, 'close')
  return received
}

/** The options of a server of a test. */
export interface Started {
  readonly routes: readonly Route[]
  readonly limits?: Partial<ServerLimits>
  readonly observer?: ServerObserver
}

/** Starts a server with plain HTTP that is closed after the test. */
export async function start(t: Test, started: Started): Promise<RunningServer> {
  const server = await startServer({ listen, ...started })
  t.teardown(() => server.close(0))
  return server
}

/** Answers with the body of the request. */
export const echo: Route = {
  method: 'POST',
  path: '/echo',
  bodyLimitBytes: 1_000,
  handler: request => jsonAnswer(200, request.body.toString())
}

/** A route whose answers wait for `open`. */
export function gate(path = '/wait'): { readonly route: Route; readonly open: () => void } {
  const opened = Promise.withResolvers<undefined>()
  const route: Route = {
    method: 'POST',
    path,
    bodyLimitBytes: 1_000,
    handler: async () => {
      await opened.promise
      return textAnswer(200, 'done')
    }
  }
  return {
    route,
    open: () => {
      opened.resolve(undefined)
    }
  }
}

export { eventually as until } from '../eventually.ts'
