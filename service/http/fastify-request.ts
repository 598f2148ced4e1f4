import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { noRouteLabel } from './route.ts'

declare module 'fastify' {
  /** With what our handlers and hooks need of a request. */
  interface FastifyRequest {
    /** Milliseconds of `performance.now()`. */
    startedMs: number
    /** The value of the metrics' label `route`. */
    routeLabel: string
    /** True while it takes a place in the load. */
    isCounted: boolean
    /** Set by {@link startRequest}. */
    reply: FastifyReply | undefined
    queryValue(name: string): string | undefined
    whenSent(maxMs: number, done: () => void): void
  }
}

/** Makes a request of fastify what {@link HttpRequest} says. */
export function decorateRequests(app: FastifyInstance): void {
  app.decorateRequest('startedMs', 0)
  app.decorateRequest('routeLabel', noRouteLabel)
  app.decorateRequest('isCounted', false)
  app.decorateRequest('reply', undefined)
  app.decorateRequest('queryValue', queryValue)
  app.decorateRequest('whenSent', whenSent)
}

/** Starts the time of a request. */
export function startRequest(request: FastifyRequest, reply: FastifyReply): void {
  request.startedMs = performance.now()
  request.routeLabel = noRouteLabel
  request.isCounted = false
  request.reply = reply
  // Without a listener, an error of the response would end the process.
  reply.raw.on('error', ignore)
}

function ignore(): void {
  return undefined
}

function queryValue(this: FastifyRequest, name: string): string | undefined {
  const value = (this.query as Readonly<Record<string, string | string[] | undefined>>)[name]
  return Array.isArray(value) ? value[0] : value
}

function whenSent(this: FastifyRequest, maxMs: number, done: () => void): void {
  const response = this.reply?.raw
  if (response === undefined || response.destroyed) {
    done()
    return
  }
  const timer = setTimeout(() => response.destroy(), maxMs)
  timer.unref()
  response.once('close', () => {
    clearTimeout(timer)
    done()
  })
}
