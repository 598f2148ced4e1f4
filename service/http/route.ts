import type { Answer } from './answer.ts'
import type { HttpRequest } from './request.ts'

/** Answers one request. What it throws is answered 500 and logged without the content of the request. */
export type Handler = (request: HttpRequest) => Answer | Promise<Answer>

/** A method and a path, and what answers them. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Such as `/validate/:policySet`: each `:name` takes one segment, which is in {@link HttpRequest.params}. */
  readonly path: string
  readonly handler: Handler
  /** Largest body in bytes; 0, the default, reads none. */
  readonly bodyLimitBytes?: number
  /** True if the handler decompresses a body with `Content-Encoding: gzip` itself. Default false. */
  readonly takesGzip?: boolean
  /** True for health and metrics, which answer however loaded the server is. Default false. */
  readonly isExempt?: boolean
}

/** The methods that a route can have, in the order in which `Allow` lists them. */
export const routeMethods: readonly Route['method'][] = ['GET', 'POST', 'PUT', 'DELETE']

/** The label of requests that match no route. */
export const noRouteLabel = 'none'

/** The value of the metrics' label `route`: the path with `*` for each parameter, such as `/validate/*`. */
export function routeLabel({ path }: Pick<Route, 'path'>): string {
  return path.replace(/:\w+/g, '*')
}
