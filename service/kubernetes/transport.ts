import { createHash } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import type { Connection, Credentials } from './connection.ts'
import { unreachable } from './api-fault.ts'

/** One request as it goes out. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: string
  readonly contentType?: string
  readonly accept: string
  /** Ends it, with everything that is still to be read. */
  readonly signal: AbortSignal
  /** What it is for, in messages. */
  readonly what: string
}

/** Sends requests over HTTP/1.1 with kept-alive connections, always with the newest credentials. */
export class Transport {
  readonly #connection: Connection
  readonly #userAgent: string
  #agent: { readonly digest: string; readonly agent: http.Agent } | undefined

  constructor(connection: Connection, userAgent: string) {
    this.#connection = connection
    this.#userAgent = userAgent
  }

  /**
   * The answer once its headers are there; the caller reads the body to its end or aborts.
   *
   * @throws {Fault} `KUBERNETES_UNREACHABLE`
   */
  async open(request: TransportRequest): Promise<http.IncomingMessage> {
    const first = await this.#once(request)
    if (first !== 'reset') return first
    // A kept connection that the server was closing. Had it read the request all the same, a second one
    // does no harm: our writes name a version, or say what is to be and not what is to change.
    const second = await this.#once(request)
    if (second !== 'reset') return second
    throw unreachable(request.what, 'ECONNRESET')
  }

  /** Closes kept connections. */
  close(): void {
    this.#agent?.agent.destroy()
  }

  #once(request: TransportRequest): Promise<http.IncomingMessage | 'reset'> {
    const { server, serverName } = this.#connection
    const credentials = this.#connection.credentials()
    const isTls = server.protocol === 'https:'
    const headers: http.OutgoingHttpHeaders = {
      accept: request.accept,
      'user-agent': this.#userAgent,
      ...(request.body !== undefined && {
        'content-type': request.contentType ?? 'application/json',
        'content-length': Buffer.byteLength(request.body)
      }),
      // As kubectl: nobody's token goes over a wire that others read.
      ...(isTls &&
        credentials.token !== undefined && { authorization: `Bearer ${credentials.token}` })
    }
    const options: https.RequestOptions = {
      method: request.method,
      headers,
      signal: request.signal,
      agent: this.#agentFor(credentials, isTls),
      ...(isTls && serverName !== undefined && { servername: serverName })
    }
    return new Promise((resolve, reject) => {
      const url = urlOf(server, request)
      const sent = isTls ? https.request(url, options) : http.request(url, options)
      sent.on('response', resolve)
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = sent.reusedSocket && error.code === 'ECONNRESET'
        if (isStale && !request.signal.aborted) resolve('reset')
        else reject(unreachable(request.what, reasonOf(error, request.signal)))
      })
      sent.end(request.body)
    })
  }

  /** One agent while authority and client certificate are the same; connections of another end idle. */
  #agentFor({ caPem, client }: Credentials, isTls: boolean): http.Agent {
    const digest = createHash('sha256')
      .update([caPem, client?.certificatePem, client?.keyPem].join('\0'))
      .digest('hex')
    if (this.#agent?.digest === digest) return this.#agent.agent
    const kept = { keepAlive: true, maxFreeSockets: 4 }
    const agent = isTls
      ? new https.Agent({ ...kept, ca: caPem, cert: client?.certificatePem, key: client?.keyPem })
      : new http.Agent(kept)
    this.#agent = { digest, agent }
    return agent
  }
}

function urlOf(server: URL, { path, query = {} }: TransportRequest): URL {
  const url = new URL(server)
  url.pathname = `${server.pathname.replace(/\/$/, '')}${path}`
  url.search = new URLSearchParams(query).toString()
  return url
}

/** A system's or OpenSSL's word for it; an abort has the words that it was made with. */
function reasonOf(error: NodeJS.ErrnoException, signal: AbortSignal): string {
  if (!signal.aborted) return error.code ?? error.name
  const { reason } = signal as { readonly reason: unknown }
  if (reason instanceof Error) return reason.name === 'TimeoutError' ? 'no answer in time' : 'ended'
  return 'ended'
}
