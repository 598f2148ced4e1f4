import { ResponseContext, wrapHttpLibrary } from '@kubernetes/client-node'
import type { HttpLibrary, RequestContext } from '@kubernetes/client-node'
import { member, stringMember } from '../../common/json.ts'
import { tryParseJson } from '../../common/parse-json.ts'
import { readAnswer } from './read-body.ts'
import { resourceName } from './resource.ts'
import type { Transport } from './transport.ts'

/** What the library's requests name as the server; the transport knows the real one. */
export const anyServer = 'https://kubernetes.invalid'

const requestMs = 30_000

/**
 * Sends the requests of the library's generated APIs: on kept connections, with a time limit and a limit
 * of size. An answer that is no success is thrown as an {@link ApiFault} before the library reads it.
 */
export function httpLibrary(transport: Transport): HttpLibrary {
  return wrapHttpLibrary({ send: request => send(transport, request) })
}

async function send(transport: Transport, request: RequestContext): Promise<ResponseContext> {
  const { pathname, search } = new URL(request.getUrl())
  const method = request.getHttpMethod() as 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  const headers = request.getHeaders()
  const body = request.getBody() as string | undefined
  const what = describeRequest(method, pathname, body)
  const response = await transport.open({
    method,
    path: `${pathname}${search}`,
    accept: headers.Accept ?? 'application/json',
    ...(body !== undefined && { body, contentType: headers['Content-Type'] ?? 'application/json' }),
    signal: AbortSignal.timeout(requestMs),
    what
  })
  const { text } = await readAnswer(response, what)
  return new ResponseContext(
    response.statusCode ?? 0,
    { 'content-type': 'application/json' },
    {
      text: () => Promise.resolve(text),
      binary: () => Promise.resolve(Buffer.from(text)),
      stream: () => null
    }
  )
}

const verbs = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
const pattern =
  /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<subresource>[^/]+))?$/

/** A request in RBAC's words: `patch modelreleases.mlgitops.io/status team/churn`. */
export function describeRequest(
  method: keyof typeof verbs,
  path: string,
  body: string | undefined
): string {
  const { group = '', namespace, plural = '', name, subresource } = pattern.exec(path)?.groups ?? {}
  const object = method === 'POST' ? tryParseJson(body ?? '') : undefined
  const created = stringMember(member(object, 'metadata'), 'name')
  const kind = [resourceName({ group, plural }), subresource].filter(Boolean).join('/')
  const place = [namespace, name ?? created].filter(Boolean).join('/')
  return [verbs[method], kind, decodeURIComponent(place)].filter(Boolean).join(' ')
}
