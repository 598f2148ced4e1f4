import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'

/** What a burst of requests measured. */
export interface Measured {
  readonly requestsPerSecond: number
  /** Milliseconds from writing a request to its whole answer, ascending. */
  readonly latenciesMs: readonly number[]
  /** Answers by status. */
  readonly statuses: ReadonlyMap<number, number>
}

/** The server and the request. */
export interface Load {
  readonly port: number
  readonly path: string
  readonly body: Buffer
  readonly requests: number
  readonly connections: number
}

/** Sends requests over TLS keep-alive connections, one at a time on each, without Node's HTTP client. */
export async function sendLoad(load: Load): Promise<Measured> {
  const head = `POST ${load.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${load.body.length}\r\n\r\n`
  const request = Buffer.concat([Buffer.from(head), load.body])
  const sockets = await Promise.all(
    Array.from({ length: load.connections }, () => openSocket(load.port))
  )
  let left = load.requests
  const latenciesMs: number[] = []
  const statuses = new Map<number, number>()
  const startedMs = performance.now()
  await Promise.all(
    sockets.map(async socket => {
      const answers = new AnswerReader(socket)
      while (left > 0) {
        left -= 1
        const sentMs = performance.now()
        socket.write(request)
        const status = await answers.next()
        latenciesMs.push(performance.now() - sentMs)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    })
  )
  const seconds = (performance.now() - startedMs) / 1_000
  for (const socket of sockets) socket.destroy()
  latenciesMs.sort((a, b) => a - b)
  return { requestsPerSecond: load.requests / seconds, latenciesMs, statuses }
}

/** The value below which a share of an ascending list lies. */
export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? NaN
}

function openSocket(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1']
    }
    const socket = connect(options, () => {
      resolve(socket)
    })
    socket.setNoDelay(true)
    socket.once('error', reject)
  })
}

/** Reads answers with a Content-Length or in chunks, in order. */
class AnswerReader {
  #received: Buffer = Buffer.alloc(0)
  #waiting: { resolve: (status: number) => void; reject: (error: Error) => void } | undefined

  constructor(socket: TLSSocket) {
    socket.on('data', (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
      const length = answerLength(this.#received)
      if (length === undefined) return
      const status = Number(this.#received.toString('latin1', 9, 12))
      this.#received = this.#received.subarray(length)
      const waiting = this.#waiting
      this.#waiting = undefined
      waiting?.resolve(status)
    })
    socket.on('close', () => this.#waiting?.reject(new Error('the connection was closed')))
  }

  next(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }
}

function answerLength(received: Buffer): number | undefined {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const head = received.toString('latin1', 0, headEnd)
  const length = /^content-length: *(\d+)/im.exec(head)?.[1]
  if (length === undefined) {
    const last = received.indexOf('0\r\n\r\n', headEnd)
    return last === -1 ? undefined : last + 5
  }
  const end = headEnd + 4 + Number(length)
  return received.length >= end ? end : undefined
}
