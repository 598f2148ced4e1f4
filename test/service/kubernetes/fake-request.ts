import type { IncomingMessage } from 'node:http'
import type { JsonValue } from '../../../common/json.ts'
import type { ServedResource } from './fake-storage.ts'

/** A request in RBAC's words. */
export interface Asked {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete'
  readonly path: string
  readonly query: URLSearchParams
  readonly resource: ServedResource | undefined
  readonly plural: string
  /** `modelpolicies.mlgitops.io/status`. */
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly subresource: string
  readonly token: string
  readonly contentType: string
  readonly accept: string
  readonly body: JsonValue | undefined
}

const pattern =
  /^\/(?:api|apis\/(?<group>[^/]+))\/(?<version>[^/]+)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<subresource>[^/]+))?$/

/** Reads a request with its body. */
export async function readAsked(
  request: IncomingMessage,
  resources: readonly ServedResource[]
): Promise<Asked> {
  const url = new URL(request.url ?? '/', 'http://api')
  const { group, version, ...rest } = partsOf(url.pathname)
  const { plural, subresource } = rest
  const text = await textOf(request)
  return {
    verb: verbOf(request.method ?? '', rest.name, url.searchParams),
    path: url.pathname,
    query: url.searchParams,
    resource: resources.find(
      each => each.group === group && each.version === version && each.plural === plural
    ),
    kind: [group === '' ? plural : `${plural}.${group}`, subresource].filter(Boolean).join('/'),
    ...rest,
    ...headersOf(request),
    body: text === '' ? undefined : (JSON.parse(text) as JsonValue)
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function headersOf({ headers }: IncomingMessage) {
  return {
    token: (headers.authorization ?? '').replace('Bearer ', ''),
    contentType: headers['content-type'] ?? '',
    accept: headers.accept ?? ''
  }
}

const noParts = { group: '', version: '', namespace: '', plural: '', name: '', subresource: '' }

/** A namespace's own path looks like one of a namespaced object. */
function partsOf(path: string): typeof noParts {
  const own = /^\/api\/(?<version>v1)\/(?<plural>namespaces)(?:\/(?<name>[^/]+))?$/.exec(path)
  const found = Object.entries((own ?? pattern.exec(path))?.groups ?? {})
  return { ...noParts, ...Object.fromEntries(found.filter(([, value]) => Boolean(value))) }
}

function verbOf(method: string, name: string, query: URLSearchParams): Asked['verb'] {
  switch (method) {
    case 'GET':
      if (query.get('watch') === 'true') return 'watch'
      return name === '' ? 'list' : 'get'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    default:
      return 'delete'
  }
}
