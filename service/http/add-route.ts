import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { overloaded } from './answer.ts'
import type { Answer } from './answer.ts'
import { noBody, readBody } from './body.ts'
import type { BodyBounds } from './body.ts'
import { fail, finish } from './exchange.ts'
import type { ExchangeContext } from './exchange.ts'
import { routeLabel } from './route.ts'
import type { Route } from './route.ts'
import { hasEmptyParam } from './unmatched.ts'

interface Typed {
  Params: Record<string, string>
  Body: Buffer
}

/** Adds a route in a scope of its own, whose parser knows how long a body may be. */
export function addRoute(app: FastifyInstance, route: Route, context: ExchangeContext): void {
  const { method, path: url, bodyLimitBytes: limitBytes = 0, takesGzip = false } = route
  const handler = answerBy(route, context)
  const onRequest = enterBy(route, context)
  if (limitBytes === 0) {
    app.route<Typed>({ method, url, onRequest, handler })
    return
  }
  const bounds: BodyBounds = { limitBytes, takesGzip, load: context.load }
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, message, parsed) => {
      readBody(message, bounds, parsed)
    })
    scope.route<Typed>({
      ...{ method, url, onRequest, handler },
      errorHandler: (error, request, reply) => {
        if (error.code !== 'FST_ERR_CTP_INVALID_MEDIA_TYPE') throw error
        // Fastify reads no body whose content type is malformed; what a type means is up to the handler.
        readBody(request.raw, bounds, (refusal, body) => {
          request.body = body
          if (refusal === null) handler(request, reply)
          else finish(context, request, reply, refusal.answer)
        })
      }
    })
    done()
  })
}

function enterBy(route: Route, context: ExchangeContext) {
  const label = routeLabel(route)
  const isExempt = route.isExempt ?? false
  return (request: FastifyRequest<Typed>, reply: FastifyReply, next: () => void): void => {
    if (hasEmptyParam(request.params)) {
      reply.callNotFound()
      return
    }
    request.routeLabel = label
    request.body = noBody
    request.isCounted = !isExempt && context.load.enter()
    if (isExempt || request.isCounted) next()
    else finish(context, request, reply, overloaded('too many in-flight requests; retry later'))
  }
}

function answerBy({ handler }: Route, context: ExchangeContext) {
  return (request: FastifyRequest<Typed>, reply: FastifyReply): void => {
    const end = (answer: Answer) => {
      finish(context, request, reply, answer)
    }
    const failed = (error: unknown) => {
      fail(context, request, reply, error)
    }
    try {
      const answered = handler(request)
      // A promise for each request costs more than all that is done here.
      if (answered instanceof Promise) void answered.then(end).catch(failed)
      else end(answered)
    } catch (error) {
      failed(error)
    }
  }
}
