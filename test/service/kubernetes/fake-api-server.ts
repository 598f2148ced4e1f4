import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import type { TlsPair } from '../../../service/http/tls.ts'
import { FakeStorage, StatusError } from './fake-storage.ts'
import type { Key, ServedResource } from './fake-storage.ts'
import { readAsked } from './fake-request.ts'
import type { Asked } from './fake-request.ts'
import { FakeWatches } from './fake-watches.ts'
import { FakeWrites } from './fake-writes.ts'

/** What a test does with a request before the server: true if it has answered. */
export type Intercept = (asked: Asked, response: http.ServerResponse) => boolean

/** Options of a server. */
export interface FakeApiServerOptions {
  readonly resources: readonly ServedResource[]
  /** For HTTPS, where a token says who the user is; over HTTP everybody is `admin`. */
  readonly tls?: TlsPair
  readonly port?: number
}

/**
 * An API server on the loopback with what clients rely on: one counter of versions, lists in pages,
 * watches from a version with bookmarks and 410, optimistic concurrency, status sub-resources, the four
 * kinds of patches, RBAC by user and SelfSubjectAccessReview.
 */
export class FakeApiServer {
  readonly storage = new FakeStorage()
  readonly watches: FakeWatches
  /** `VERB path status` of each request, in the order of their answers; watches when they start. */
  readonly log: string[] = []
  /** Users by their token. */
  readonly tokens = new Map([['admin-token', 'admin']])
  isAllowed: (user: string, verb: string, resource: string, namespace: string) => boolean = () =>
    true
  intercept: Intercept = () => false
  readonly #resources: readonly ServedResource[]
  readonly #writes: FakeWrites
  readonly #isTls: boolean
  readonly #server: http.Server

  constructor({ resources, tls }: FakeApiServerOptions) {
    this.#resources = resources
    this.watches = new FakeWatches(this.storage)
    this.#writes = new FakeWrites(this.storage)
    this.#isTls = tls !== undefined
    const listener = (request: http.IncomingMessage, response: http.ServerResponse) => {
      void this.#serve(request, response)
    }
    this.#server =
      tls === undefined
        ? http.createServer(listener)
        : https.createServer({ cert: tls.certificatePem, key: tls.keyPem }, listener)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `${this.#isTls ? 'https' : 'http'}://127.0.0.1:${this.port}`
  }

  async listen(port = 0): Promise<void> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  /** Closes every connection, as a server that is killed. */
  async kill(): Promise<void> {
    this.watches.endAll()
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  /** Somebody else's write of a whole object. */
  put(plural: string, object: JsonObject): JsonObject {
    return this.storage.put(keyOf(plural, object), object)
  }

  /** Somebody else's deletion. */
  delete(plural: string, name: string, namespace = ''): void {
    this.storage.delete({ plural, namespace, name })
  }

  get(plural: string, name: string, namespace = ''): JsonObject | undefined {
    return this.storage.get({ plural, namespace, name })
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const asked = await readAsked(request, this.#resources)
    const { verb, path } = asked
    response.on('finish', () => {
      if (verb !== 'watch') this.log.push(`${verb} ${path} ${response.statusCode}`)
    })
    if (this.intercept(asked, response)) return
    try {
      const user = this.#authorize(asked)
      if (verb === 'watch') {
        this.watches.open(asked, response)
        this.log.push(`watch ${path} 200`)
        return
      }
      answer(response, verb === 'create' ? 201 : 200, this.#answer(asked, user))
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      answer(response, error.code, error.body())
    }
  }

  #authorize({ verb, kind, namespace, token }: Asked): string {
    const user = this.#isTls ? this.tokens.get(token) : 'admin'
    if (user === undefined) throw new StatusError(401, 'Unauthorized', 'Unauthorized')
    if (kind === 'selfsubjectaccessreviews.authorization.k8s.io') return user
    if (this.isAllowed(user, verb, kind, namespace)) return user
    const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`
    const message = `${kind} is forbidden: User "${user}" cannot ${verb} resource "${kind}" ${where}`
    throw new StatusError(403, 'Forbidden', message)
  }

  #answer(asked: Asked, user: string): JsonValue {
    const { verb, resource, kind, body } = asked
    if (kind === 'selfsubjectaccessreviews.authorization.k8s.io') return this.#review(body, user)
    if (resource === undefined) {
      throw new StatusError(404, 'NotFound', 'the server could not find the requested resource')
    }
    switch (verb) {
      case 'list':
        return this.#list(asked, resource)
      case 'get':
        return this.#writes.existing(asked)
      default:
        return this.#writes.write(asked)
    }
  }

  #review(body: JsonValue | undefined, user: string): JsonObject {
    const { verb, group, resource, subresource, namespace } = (
      body as { spec: { resourceAttributes: Record<string, string> } }
    ).spec.resourceAttributes
    const kind = [group === '' ? resource : `${resource}.${group}`, subresource]
      .filter(Boolean)
      .join('/')
    return { status: { allowed: this.isAllowed(user, verb ?? '', kind, namespace ?? '') } }
  }

  #list({ plural, namespace, query }: Asked, resource: ServedResource): JsonObject {
    const [version = '', after = ''] = (query.get('continue') ?? '').split('|')
    if (version !== '' && Number(version) < this.storage.compacted) {
      throw new StatusError(410, 'Expired', 'The provided continue parameter is too old')
    }
    const limit = Number(query.get('limit') ?? Infinity)
    const all = this.storage.list(plural, namespace === '' ? undefined : namespace)
    const page = all.filter(([key]) => key > after)
    const shown = page.slice(0, limit)
    const resourceVersion = version === '' ? String(this.storage.version) : version
    const more = page.length > limit ? { continue: `${resourceVersion}|${shown.at(-1)?.[0]}` } : {}
    return {
      apiVersion: resource.group === '' ? 'v1' : `${resource.group}/${resource.version}`,
      kind: `${resource.kind}List`,
      metadata: { resourceVersion, ...more },
      items: shown.map(([, object]) => object)
    }
  }
}

/** A server that ends with the test. */
export async function startFakeApiServer(
  t: Test,
  options: FakeApiServerOptions
): Promise<FakeApiServer> {
  const server = new FakeApiServer(options)
  await server.listen(options.port)
  t.teardown(() => server.kill().catch(() => undefined))
  return server
}

function keyOf(plural: string, object: JsonObject): Key {
  const { name, namespace } = object.metadata as {
    readonly name: string
    readonly namespace?: string
  }
  return { plural, namespace: namespace ?? '', name }
}

function answer(response: http.ServerResponse, code: number, body: JsonValue): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
