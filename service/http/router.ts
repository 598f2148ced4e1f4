import { textAnswer } from './answer.ts'
import type { Answer } from './answer.ts'
import type { HttpRequest, RequestTarget } from './request.ts'

/** Answers one request. What it throws is answered 500 and logged without the request's content. */
export type Handler = (request: HttpRequest) => Answer | Promise<Answer>

/** One line of the routing table. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** An exact path, or one that ends with one or two `/*`, each of which takes any single segment. */
  readonly path: string
  readonly handler: Handler
  /** Largest body in bytes; 0, the default, reads none. */
  readonly bodyLimitBytes?: number
  /** True where the handler unpacks a body with `Content-Encoding: gzip` itself. Default false. */
  readonly takesGzip?: boolean
  /** True for health and metrics, which answer however loaded the server is. Default false. */
  readonly isExempt?: boolean
}

/** A route with the target it matched, or the answer where none does. */
export type Match =
  | { readonly kind: 'route'; readonly route: Route; readonly target: RequestTarget }
  | { readonly kind: 'none'; readonly answer: Answer }

interface Table {
  readonly exact: ReadonlyMap<string, readonly Route[]>
  readonly prefix: ReadonlyMap<string, readonly Route[]>
  readonly prefixOfTwo: ReadonlyMap<string, readonly Route[]>
}

/** Finds the route of a method and a target; 404, 405 with `Allow`, or 400 where there is none. */
export function createRouter(routes: readonly Route[]): (method: string, target: string) => Match {
  const starsOf = ({ path }: Route) => (path.endsWith('/*/*') ? 2 : path.endsWith('/*') ? 1 : 0)
  const group = (stars: number, cut: number) =>
    Map.groupBy(
      routes.filter(route => starsOf(route) === stars),
      ({ path }) => path.slice(0, path.length - cut)
    )
  const table: Table = { exact: group(0, 0), prefix: group(1, 1), prefixOfTwo: group(2, 3) }
  return (method, url) => find(table, method, url)
}

function find(table: Table, method: string, url: string): Match {
  if (!url.startsWith('/')) return refuse(400, 'the target of a request is a path')
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const search = mark < 0 ? '' : url.slice(mark + 1)
  const exact = table.exact.get(path)
  if (exact !== undefined) return pick(exact, method, { path, search, segment: undefined })
  return findBelow(table, method, path, search)
}

function findBelow(table: Table, method: string, path: string, search: string): Match {
  const slash = path.lastIndexOf('/')
  const [above, last] = [path.slice(0, slash), path.slice(slash + 1)]
  const one = table.prefix.get(`${above}/`)
  const two = table.prefixOfTwo.get(above.slice(0, above.lastIndexOf('/') + 1))
  const parent = above.slice(above.lastIndexOf('/') + 1)
  const routes = one ?? (parent === '' ? undefined : two)
  if (routes === undefined || last === '') return refuse(404, 'there is nothing here')
  const segment = decode(last)
  const parentSegment = decode(parent)
  if (segment === undefined || parentSegment === undefined) {
    return refuse(400, 'the path is not valid percent-encoded UTF-8')
  }
  const target = { path, search, segment }
  return pick(routes, method, one === undefined ? { ...target, parentSegment } : target)
}

function pick(routes: readonly Route[], method: string, target: RequestTarget): Match {
  const wanted = method === 'HEAD' ? 'GET' : method
  const route = routes.find(candidate => candidate.method === wanted)
  if (route !== undefined) return { kind: 'route', route, target }
  const allowed = routes.map(candidate => candidate.method).join(', ')
  return refuse(405, `this path answers ${allowed} only`, { Allow: allowed })
}

function refuse(status: number, text: string, headers?: Readonly<Record<string, string>>): Match {
  return { kind: 'none', answer: textAnswer(status, text, headers) }
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
