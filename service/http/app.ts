import fastify from 'fastify'
import type { FastifyHttpOptions, FastifyInstance } from 'fastify'
import type { Server } from 'node:http'
import { addRoute } from './add-route.ts'
import { fail, finish } from './exchange.ts'
import type { ExchangeContext } from './exchange.ts'
import { decorateRequests, startRequest } from './fastify-request.ts'
import type { ServerLimits } from './limits.ts'
import type { Route } from './route.ts'
import { serverTlsOptions } from './tls.ts'
import type { ServerTls } from './tls.ts'
import { badPath, badTarget, unmatched } from './unmatched.ts'

/** What an app is made of. */
export interface AppOptions extends ExchangeContext {
  readonly routes: readonly Route[]
  readonly limits: ServerLimits
  /** Undefined for plain HTTP. */
  readonly tls: ServerTls | undefined
}

/**
 * A fastify instance with our routes that does not listen yet.
 *
 * @throws what Node throws for a pair that it cannot use
 */
export function createApp(options: AppOptions): FastifyInstance {
  const app = fastify(fastifyOptions(options))
  app.server.maxConnections = options.limits.maxConnections
  // Fastify answers what Node cannot parse with JSON of its own, even in the middle of another answer, and
  // with 400 what Node answers with 413. Without a listener Node answers.
  app.server.removeAllListeners('clientError')
  decorateRequests(app)
  // Bodies are read by us: fastify's parsers know no limit of all bodies together, refuse a content type
  // that is malformed, and cost a twentieth of the throughput.
  for (const method of app.supportedMethods) {
    app.addHttpMethod(method, { hasBody: false, overrideExisting: true })
  }
  app.addHook('onRequest', (request, reply, next) => {
    startRequest(request, reply)
    if (request.raw.url?.startsWith('/') === true) next()
    else finish(options, request, reply, badTarget)
  })
  app.setNotFoundHandler((request, reply) => {
    finish(options, request, reply, unmatched(app, request.raw.url ?? ''))
  })
  app.setErrorHandler((error, request, reply) => {
    fail(options, request, reply, error)
  })
  for (const route of options.routes) addRoute(app, route, options)
  return app
}

function fastifyOptions(options: AppOptions): FastifyHttpOptions<Server> {
  const { limits, tls } = options
  const node = {
    keepAlive: true,
    noDelay: true,
    headersTimeout: limits.headersTimeoutMs,
    maxHeaderSize: limits.maxHeaderBytes,
    connectionsCheckingInterval: Math.min(5_000, limits.headersTimeoutMs)
  }
  return {
    ...(tls === undefined ? { http: node } : { https: { ...node, ...serverTlsOptions(tls) } }),
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    // Requests that were accepted while draining are answered.
    return503OnClosing: false,
    // The limit of all headers is the limit of a parameter as well.
    routerOptions: { maxParamLength: limits.maxHeaderBytes },
    genReqId: () => '',
    frameworkErrors: (_error, request, reply) => {
      startRequest(request, reply)
      finish(options, request, reply, badPath)
    }
  }
}
