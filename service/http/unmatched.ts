import type { FastifyInstance } from 'fastify'
import { textAnswer } from './answer.ts'
import type { Answer } from './answer.ts'
import { routeMethods } from './route.ts'

/** For a target such as `http://host/path` or `*`, which only proxies and `OPTIONS` use. */
export const badTarget = textAnswer(400, 'the request target must be a path')
export const badPath = textAnswer(400, 'the path is not valid percent-encoded UTF-8')
export const notFound = textAnswer(404, 'not found')

/** The answer to a request that matches no route: 405 with `Allow` if another method would, or 404. */
export function unmatched(app: FastifyInstance, url: string): Answer {
  const [path = ''] = url.split('?', 1)
  const allowed = routeMethods.filter(method => hasRoute(app, method, path)).join(', ')
  if (allowed === '') return notFound
  return textAnswer(405, `this path supports ${allowed} only`, { Allow: allowed })
}

function hasRoute(app: FastifyInstance, method: (typeof routeMethods)[number], path: string) {
  // Its type lacks the null that it returns if there is none.
  const found = app.findRoute({ method, url: path }) as { readonly params: Params } | null
  return found !== null && !hasEmptyParam(found.params)
}

type Params = Readonly<Record<string, string | undefined>>

/** Fastify matches `/validate/` with `/validate/:name`; here a parameter has at least one character. */
export function hasEmptyParam(params: Params): boolean {
  for (const name in params) if (params[name] === '') return true
  return false
}
