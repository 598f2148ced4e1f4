import http from 'node:http'
import https from 'node:https'
import { bound, isFault } from '../../common/fault.ts'
import type { Connection, Credentials } from './connection.ts'
import { unreachable } from './api-fault.ts'

/** One request to the API server. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With its query. */
  readonly path: string
  readonly body?: string
  readonly contentType?: string
  readonly accept: string
  /** Ends the request and the reading of its answer. */
  readonly signal: AbortSignal
  /** What the request does, for messages: `list modelpolicies.mlgitops.io`. */
  readonly what: string
}

/** Sends requests over HTTP/1.1 on kept connections, each with the current credentials. */
export class Transport {
  readonly #connection: Connection
  readonly #userAgent: string

  constructor(connection: Connection, userAgent: string) {
    this.#connection = connection
    this.#userAgent = userAgent
  }

  /**
   * The answer once its headers are there; the caller reads the body to its end or aborts. After a 401
   * the next request has new credentials.
   *
   * @throws {Fault} `KUBERNETES_UNREACHABLE`
   */
  async open(request: TransportRequest): Promise<http.IncomingMessage> {
    const credentials = await this.#credentials(request)
    const first = await this.#once(request, credentials)
    // The server was closing the kept connection. If it read the request all the same, a second one does no
    // harm: our writes name a version, or say what the result is and not what to change.
    const response = first === 'reset' ? await this.#once(request, credentials) : first
    if (response === 'reset') throw unreachable(request.what, 'ECONNRESET')
    if (response.statusCode === 401) this.#connection.expire()
    return response
  }

  /** Closes kept connections. */
  close(): void {
    this.#connection.close()
  }

  /** An exec plugin may hang: nobody waits longer than for an answer. */
  async #credentials({ signal, what }: TransportRequest): Promise<Credentials> {
    const ended = Promise.withResolvers<never>()
    const end = () => {
      ended.reject(unreachable(what, `cannot get credentials: ${endOf(signal)}`))
    }
    signal.addEventListener('abort', end)
    if (signal.aborted) throw unreachable(what, endOf(signal))
    try {
      return await Promise.race([this.#connection.credentials(), ended.promise])
    } catch (error) {
      if (isFault(error)) throw error
      throw unreachable(what, `cannot get credentials: ${sayError(error)}`)
    } finally {
      signal.removeEventListener('abort', end)
    }
  }

  #once(
    request: TransportRequest,
    { agent, authorization }: Credentials
  ): Promise<http.IncomingMessage | 'reset'> {
    const { server } = this.#connection
    const isTls = server.protocol === 'https:'
    const headers: http.OutgoingHttpHeaders = {
      accept: request.accept,
      'user-agent': this.#userAgent,
      ...(request.body !== undefined && {
        'content-type': request.contentType ?? 'application/json',
        'content-length': Buffer.byteLength(request.body)
      }),
      // As kubectl: a token is never sent in plain text.
      ...(isTls && authorization !== undefined && { authorization })
    }
    const { method, signal } = request
    return new Promise((resolve, reject) => {
      const url = new URL(`${server.href.replace(/\/$/, '')}${request.path}`)
      const sent = (isTls ? https : http).request(url, { method, headers, signal, agent })
      sent.on('response', resolve)
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = sent.reusedSocket && error.code === 'ECONNRESET'
        if (isStale && !signal.aborted) resolve('reset')
        else reject(unreachable(request.what, signal.aborted ? endOf(signal) : sayError(error)))
      })
      sent.end(request.body)
    })
  }
}

const maxErrorCharacters = 300

/** A system's or OpenSSL's code, or what an exec plugin or a proxy said. */
function sayError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  // V8 quotes the text, such as a token that an exec plugin prints without its ExecCredential.
  if (error instanceof SyntaxError) return 'not valid JSON'
  const { code, message, name } = error as NodeJS.ErrnoException
  return bound((code ?? message.trim()) || name, maxErrorCharacters)
}

/** Why a signal was aborted, from the error that it was aborted with. */
function endOf(signal: AbortSignal): string {
  const { reason } = signal as { readonly reason: unknown }
  return reason instanceof Error && reason.name === 'TimeoutError' ? 'no answer in time' : 'ended'
}
