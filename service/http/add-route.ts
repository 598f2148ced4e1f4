import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { overloaded } from './answer.ts'
import type { Answer } from './answer.ts'
import { noBody, readBody } from './body.ts'
import { fail, finish } from './exchange.ts'
import type { ExchangeContext } from './exchange.ts'
import { routeLabel } from './route.ts'
import type { Route } from './route.ts'
import { hasEmptyParam } from './unmatched.ts'

interface Typed {
  Params: Record<string, string>
  Body: Buffer
}

/** Adds a route: a place in the load, the body, the answer. */
export function addRoute(app: FastifyInstance, route: Route, context: ExchangeContext): void {
  const { method, path: url, bodyLimitBytes = 0 } = route
  app.route<Typed>({
    method,
    url,
    onRequest: enterBy(route, context),
    ...(bodyLimitBytes > 0 && { preParsing: readBy(route, context) }),
    handler: answerBy(route, context)
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

function readBy(
  { bodyLimitBytes: limitBytes = 0, takesGzip = false }: Route,
  context: ExchangeContext
) {
  const bounds = { limitBytes, takesGzip, load: context.load }
  return (
    request: FastifyRequest<Typed>,
    reply: FastifyReply,
    _payload: unknown,
    next: () => void
  ): void => {
    readBody(request.raw, bounds, result => {
      if (result.kind === 'refused') {
        finish(context, request, reply, result.answer)
        return
      }
      request.body = result.body
      next()
    })
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
