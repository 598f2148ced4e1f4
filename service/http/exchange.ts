import type { IncomingMessage, ServerResponse } from 'node:http'
import { overloaded, send, textAnswer, writeLast } from './answer.ts'
import type { Answer } from './answer.ts'
import { readBody } from './body.ts'
import type { Load } from './load.ts'
import type { ServerObserver } from './observer.ts'
import { HttpRequest } from './request.ts'
import type { createRouter, Match, Route } from './router.ts'

/** What every exchange of a server shares. */
export interface ExchangeContext {
  readonly route: ReturnType<typeof createRouter>
  readonly load: Load
  readonly observer: ServerObserver
  /** True while draining: answers ask the client to close its connection. */
  readonly isDraining: () => boolean
}

type MatchedRoute = Extract<Match, { kind: 'route' }>

const clientGone = 499
/** How much of a refused body is read and dropped, so that the client reads the refusal and no reset. */
const maxDroppedBytes = 32 * 1024 * 1024
const droppingMs = 5_000

/** Answers one request of `node:http`; it never rejects. */
export async function exchange(
  context: ExchangeContext,
  message: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const startedMs = performance.now()
  response.on('error', ignore)
  const match = context.route(message.method ?? '', message.url ?? '')
  const name = match.kind === 'route' ? match.route.path : 'none'
  const answer =
    match.kind === 'none'
      ? match.answer
      : await answerWithin(context, { message, response, match, startedMs })
  const isUnread = declaresBody(message) && !message.complete
  let status = clientGone
  if (answer !== undefined && !response.destroyed) {
    status = answer.status
    if (isUnread) {
      writeLast(response, answer)
      dropRest(message, () => response.end())
    } else send(response, answer, context.isDraining())
  }
  context.observer.request({ route: name, status, durationMs: performance.now() - startedMs })
}

/** `complete` turns true only after the listener was called, even where there is no body. */
function declaresBody(message: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = message.headers
  return encoding !== undefined || (length !== undefined && length !== '0')
}

interface Work {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly match: MatchedRoute
  readonly startedMs: number
}

/** The answer, or undefined when the client went away. */
async function answerWithin(context: ExchangeContext, work: Work): Promise<Answer | undefined> {
  const { load } = context
  if (work.match.route.isExempt === true) return await answerOf(context, work, noBody)
  if (!load.enter()) return overloaded('too many requests are at work; repeat it')
  let heldBytes = 0
  try {
    const body = await bodyOf(work.message, work.match.route, load)
    if (body === undefined || !Buffer.isBuffer(body)) return body
    heldBytes = body.length
    return await answerOf(context, work, body)
  } finally {
    load.leave(heldBytes)
  }
}

const noBody = Buffer.alloc(0)

async function bodyOf(
  message: IncomingMessage,
  { bodyLimitBytes: limitBytes = 0, takesGzip = false }: Route,
  load: Load
): Promise<Buffer | Answer | undefined> {
  if (limitBytes === 0) return noBody
  const encoding = message.headers['content-encoding'] ?? 'identity'
  const isTaken = encoding === 'identity' || (takesGzip && encoding === 'gzip')
  if (!isTaken) return textAnswer(415, refusedEncoding(takesGzip))
  const result = await readBody(message, limitBytes, load)
  switch (result.kind) {
    case 'read':
      return result.bytes
    case 'too-large':
      return textAnswer(413, `the body has more than ${limitBytes} bytes`)
    case 'overloaded':
      return overloaded('too many bytes of other requests are held; repeat it')
    case 'aborted':
      return undefined
  }
}

function refusedEncoding(takesGzip: boolean): string {
  return takesGzip
    ? 'the Content-Encoding of a body is gzip or identity'
    : 'a body is read without Content-Encoding only'
}

async function answerOf(context: ExchangeContext, work: Work, body: Buffer): Promise<Answer> {
  const { message, response, match, startedMs } = work
  try {
    const request = new HttpRequest(message, response, { target: match.target, body, startedMs })
    const answer = match.route.handler(request)
    return answer instanceof Promise ? await answer : answer
  } catch (error) {
    context.observer.defect(match.route.path, error)
    return textAnswer(500, 'a defect of mlgitops itself')
  }
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
