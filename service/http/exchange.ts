import type { IncomingMessage, ServerResponse } from 'node:http'
import { overloaded, send, textAnswer, writeLast } from './answer.ts'
import type { Answer } from './answer.ts'
import { readBody } from './body.ts'
import type { Load } from './load.ts'
import type { ServerObserver } from './observer.ts'
import { HttpRequest } from './request.ts'
import type { RequestTarget } from './request.ts'
import type { createRouter, Route } from './router.ts'

/** What every exchange of a server shares. */
export interface ExchangeContext {
  readonly route: ReturnType<typeof createRouter>
  readonly load: Load
  readonly observer: ServerObserver
  /** True while draining: answers ask the client to close its connection. */
  readonly isDraining: () => boolean
}

const clientGone = 499
/** How much of a refused body is read and dropped, so that the client reads the refusal and no reset. */
const maxDroppedBytes = 32 * 1024 * 1024
const droppingMs = 5_000

/**
 * Answers one request of `node:http`. It waits by callbacks, not by promises: a promise for each step of
 * each request takes more time than all of these steps.
 */
export function exchange(
  context: ExchangeContext,
  message: IncomingMessage,
  response: ServerResponse
): void {
  const startedMs = performance.now()
  response.on('error', ignore)
  const match = context.route(message.method ?? '', message.url ?? '')
  if (match.kind === 'none') {
    finish({ context, message, response, startedMs, route: noRoute }, match.answer)
    return
  }
  const { route, target } = match
  const work = { context, message, response, startedMs, route }
  if (route.isExempt === true) {
    answer(work, { target, body: noBody, isCounted: false })
  } else if (!context.load.enter()) {
    finish(work, overloaded('too many requests are at work; repeat it'))
  } else readThenAnswer(work, target)
}

/** An exchange at work. */
interface Work {
  readonly context: ExchangeContext
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly startedMs: number
  readonly route: Pick<Route, 'path'>
}

interface RoutedWork extends Work {
  readonly route: Route
}

const noRoute = { path: 'none' }
const noBody = Buffer.alloc(0)

/** A place in the load is taken, and given back with the answer. */
function readThenAnswer(work: RoutedWork, target: RequestTarget): void {
  const { message, route } = work
  const { load } = work.context
  const { bodyLimitBytes: limitBytes = 0, takesGzip = false } = route
  if (limitBytes === 0) {
    answer(work, { target, body: noBody, isCounted: true })
    return
  }
  const refuse = (refusal: Answer | undefined) => {
    load.leave(0)
    finish(work, refusal)
  }
  const encoding = message.headers['content-encoding'] ?? 'identity'
  const isTaken = encoding === 'identity' || (takesGzip && encoding === 'gzip')
  if (!isTaken) {
    refuse(textAnswer(415, refusedEncoding(takesGzip)))
    return
  }
  readBody(message, { limitBytes, load }, result => {
    switch (result.kind) {
      case 'read':
        answer(work, { target, body: result.bytes, isCounted: true })
        return
      case 'too-large':
        refuse(textAnswer(413, `the body has more than ${limitBytes} bytes`))
        return
      case 'overloaded':
        refuse(overloaded('too many bytes of other requests are held; repeat it'))
        return
      case 'aborted':
        refuse(undefined)
    }
  })
}

function refusedEncoding(takesGzip: boolean): string {
  return takesGzip
    ? 'the Content-Encoding of a body is gzip or identity'
    : 'a body is read without Content-Encoding only'
}

interface ReadRequest {
  readonly target: RequestTarget
  readonly body: Buffer
  /** Whether it has a place in the load. */
  readonly isCounted: boolean
}

function answer(work: RoutedWork, { target, body, isCounted }: ReadRequest): void {
  const { context, message, response, route, startedMs } = work
  const end = (answered: Answer) => {
    if (isCounted) context.load.leave(body.length)
    finish(work, answered)
  }
  const fail = (error: unknown) => {
    context.observer.defect(route.path, error)
    end(textAnswer(500, 'a defect of mlgitops itself'))
  }
  let answered: Answer | Promise<Answer>
  try {
    answered = route.handler(new HttpRequest(message, response, { target, body, startedMs }))
  } catch (error) {
    fail(error)
    return
  }
  if (answered instanceof Promise) void answered.then(end, fail)
  else end(answered)
}

/** Sends an answer, which is undefined where the client went away, and tells the observer. */
function finish(work: Work, answered: Answer | undefined): void {
  const { context, message, response, startedMs } = work
  let status = clientGone
  if (answered !== undefined && !response.destroyed) {
    status = answered.status
    if (declaresBody(message) && !message.complete) {
      writeLast(response, answered)
      dropRest(message, () => response.end())
    } else send(response, answered, context.isDraining())
  }
  const durationMs = performance.now() - startedMs
  context.observer.request({ route: work.route.path, status, durationMs })
}

/** `complete` turns true only after the listener was called, even where there is no body. */
function declaresBody(message: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = message.headers
  return encoding !== undefined || (length !== undefined && length !== '0')
}

/** Reads on without keeping anything, within bounds; `done` is called when all was read. */
function dropRest(message: IncomingMessage, done: () => void): void {
  let dropped = 0
  const { socket } = message
  const timer = setTimeout(() => socket.destroy(), droppingMs)
  timer.unref()
  message.once('end', done)
  message.once('close', () => {
    clearTimeout(timer)
  })
  message.on('error', ignore)
  message.on('data', (chunk: Buffer) => {
    dropped += chunk.length
    if (dropped > maxDroppedBytes) socket.destroy()
  })
  message.resume()
}

function ignore(): void {
  return undefined
}
