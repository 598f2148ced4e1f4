import { PassThrough } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { textAnswer } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Load } from './load.ts'
import type { ServerObserver } from './observer.ts'

/** What every exchange of a server shares. */
export interface ExchangeContext {
  readonly load: Load
  readonly observer: ServerObserver
  /** True while draining: answers ask the client to close its connection. */
  readonly isDraining: () => boolean
}

const clientGone = 499
/** How much of a refused body is read and dropped, so that the client reads the refusal, not a reset. */
const maxDroppedBytes = 32 * 1024 * 1024
const droppingMs = 5_000

/** Answers a request once, or records that its client went away if there is no answer. */
export function finish(
  { load, observer, isDraining }: ExchangeContext,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer | undefined
): void {
  if (request.isCounted) {
    request.isCounted = false
    load.leave(Buffer.isBuffer(request.body) ? request.body.length : 0)
  }
  let status = clientGone
  if (answer !== undefined && !reply.raw.destroyed) {
    status = answer.status
    send(request.raw, reply, answer, isDraining())
  }
  const durationMs = performance.now() - request.startedMs
  observer.request({ route: request.routeLabel, status, durationMs })
}

/** Answers 500 for something that a handler threw. */
export function fail(
  context: ExchangeContext,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown
): void {
  context.observer.internalError(request.routeLabel, error)
  finish(context, request, reply, internalError)
}

const internalError = textAnswer(500, 'internal error')

function send(
  message: IncomingMessage,
  reply: FastifyReply,
  { status, contentType, body, headers }: Answer,
  isDraining: boolean
): void {
  const isBodyLeft = declaresBody(message) && !message.complete
  void reply.code(status).header('content-type', contentType)
  void reply.header('x-content-type-options', 'nosniff')
  if (headers !== undefined) void reply.headers(headers)
  if (isDraining || isBodyLeft) void reply.header('connection', 'close')
  // Fastify adds a charset to JSON that it does not serialize by a given function.
  void reply.serializer(asItIs)
  if (!isBodyLeft) {
    void reply.send(body)
    return
  }
  void reply.header('content-length', Buffer.byteLength(body))
  // Node closes the connection after the last answer's end: a client that still sends would get a reset.
  const sent = new PassThrough()
  sent.write(body)
  dropRest(message, () => sent.end())
  void reply.send(sent)
}

function asItIs(body: string): string {
  return body
}

/** `complete` turns true only after the request was passed to the listener, even if there is no body. */
function declaresBody(message: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = message.headers
  return encoding !== undefined || (length !== undefined && length !== '0')
}

/** Reads and drops the rest of a body, within bounds; calls `done` when all was read. */
function dropRest(message: IncomingMessage, done: () => void): void {
  let dropped = 0
  const { socket } = message
  const timer = setTimeout(() => socket.destroy(), droppingMs)
  timer.unref()
  message.once('end', done)
  message.once('close', () => {
    clearTimeout(timer)
  })
  message.on('error', () => undefined)
  message.on('data', (chunk: Buffer) => {
    dropped += chunk.length
    if (dropped > maxDroppedBytes) socket.destroy()
  })
  message.resume()
}
