import type { IncomingMessage } from 'node:http'
import {
  isJsonArray,
  isJsonObject,
  member,
  stringifyJson,
  stringMember
} from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { answerFault } from './api-fault.ts'
import { readApiObject } from './api-object.ts'
import type { ApiObject } from './api-object.ts'
import type { Connection } from './connection.ts'
import { readAnswer } from './read-body.ts'
import { apiVersionOf, pathOf, resourceName } from './resource.ts'
import type { Place, Resource } from './resource.ts'
import { Transport } from './transport.ts'
import type { TransportRequest } from './transport.ts'

/** Which objects a list or a watch is about. */
export interface Selection {
  /** Undefined: of every namespace, or of the cluster. */
  readonly namespace?: string | undefined
  /** Such as `app=churn,tier!=test`. */
  readonly labelSelector?: string
  /** Such as `metadata.name=churn`. */
  readonly fieldSelector?: string
  /** Only their metadata: PartialObjectMetadata. */
  readonly isMetadataOnly?: boolean
}

/** A page of a list. */
export interface ApiPage {
  readonly objects: readonly ApiObject[]
  /** Of the list as a whole; a watch goes on from it. */
  readonly resourceVersion: string
  /** Asks for the next page; undefined on the last. */
  readonly next: string | undefined
}

/** How a server-side apply is done. */
export interface ApplyOptions {
  /** Who owns the fields from now on. */
  readonly fieldManager: string
  /** Takes fields of other managers over; without it they are a conflict (409). */
  readonly isForced?: boolean
}

const requestMs = 30_000
const pageObjects = 500
const json = 'application/json'
const metadataJson = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'
const metadataListJson =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

type Asked = Pick<TransportRequest, 'method' | 'path' | 'what'> & Partial<TransportRequest>

/**
 * Reads and writes objects of any kind. Everything that does not succeed throws an
 * {@link ApiFault}; nothing is tried again but a request on a kept connection that was closed.
 */
export class ApiClient {
  readonly #connection: Connection
  readonly #transport: Transport

  /** @param userAgent what the API server's audit log calls us, such as `mlgitops/0.1.0` */
  constructor(connection: Connection, userAgent: string) {
    this.#connection = connection
    this.#transport = new Transport(connection, userAgent)
  }

  /** Our own namespace where the connection knows it. */
  get namespace(): string | undefined {
    return this.#connection.namespace
  }

  get(resource: Resource, place: Place): Promise<ApiObject> {
    const what = whatOf('get', resource, place)
    return this.#object({ method: 'GET', path: pathOf(resource, place), what })
  }

  /** One page; the first one without `next` is as new as the store itself. */
  async list(
    resource: Resource,
    selection: Selection,
    next: string | undefined,
    signal?: AbortSignal
  ): Promise<ApiPage> {
    const what = whatOf('list', resource, selection)
    const query = { ...selectionQuery(selection), limit: String(pageObjects) }
    const answer = await this.#answer({
      method: 'GET',
      path: pathOf(resource, { namespace: selection.namespace }),
      query: next === undefined ? query : { ...query, continue: next },
      accept: selection.isMetadataOnly === true ? metadataListJson : json,
      what,
      ...(signal && { signal: AbortSignal.any([signal, AbortSignal.timeout(requestMs)]) })
    })
    return pageOf(answer, resource, what)
  }

  /**
   * Opens a stream of events after `resourceVersion`; its body is for {@link readLines}.
   *
   * @param timeoutSeconds after which the server ends it
   */
  async openWatch(
    resource: Resource,
    selection: Selection,
    from: { readonly resourceVersion: string; readonly timeoutSeconds: number },
    signal: AbortSignal
  ): Promise<IncomingMessage> {
    const what = whatOf('watch', resource, selection)
    const response = await this.#open({
      method: 'GET',
      path: pathOf(resource, { namespace: selection.namespace }),
      query: {
        ...selectionQuery(selection),
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: from.resourceVersion,
        timeoutSeconds: String(from.timeoutSeconds)
      },
      accept: selection.isMetadataOnly === true ? metadataJson : json,
      what,
      signal
    })
    if (response.statusCode === 200) return response
    await readAnswer(response, what)
    throw answerFault(what, response.statusCode ?? 0, undefined)
  }

  create(resource: Resource, place: Place, object: JsonObject): Promise<ApiObject> {
    const what = whatOf('create', resource, place)
    const path = pathOf(resource, { ...place, name: undefined })
    return this.#object({ method: 'POST', path, what, body: stringifyJson(object) })
  }

  /** Writes a whole object; its resourceVersion, where it has one, has to be the newest. */
  replace(resource: Resource, place: Place, object: JsonObject): Promise<ApiObject> {
    const what = whatOf('update', resource, place)
    const path = pathOf(resource, place)
    return this.#object({ method: 'PUT', path, what, body: stringifyJson(object) })
  }

  /** A JSON Merge Patch (RFC 7396), or a JSON Patch (RFC 6902) where it is a list. */
  patch(resource: Resource, place: Place, patch: JsonValue): Promise<ApiObject> {
    return this.#object({
      method: 'PATCH',
      path: pathOf(resource, place),
      what: whatOf('patch', resource, place),
      contentType: isJsonArray(patch)
        ? 'application/json-patch+json'
        : 'application/merge-patch+json',
      body: stringifyJson(patch)
    })
  }

  /** Server-side apply: creates it, or changes the fields that are given and drops those we gave before. */
  apply(
    resource: Resource,
    place: Place,
    object: JsonObject,
    { fieldManager, isForced = false }: ApplyOptions
  ): Promise<ApiObject> {
    const identity = { apiVersion: apiVersionOf(resource), kind: resource.kind }
    return this.#object({
      method: 'PATCH',
      path: pathOf(resource, place),
      query: { fieldManager, force: String(isForced) },
      what: whatOf('patch', resource, place),
      contentType: 'application/apply-patch+yaml',
      body: stringifyJson({ ...identity, ...object })
    })
  }

  async remove(resource: Resource, place: Place): Promise<void> {
    const what = whatOf('delete', resource, place)
    await this.#answer({ method: 'DELETE', path: pathOf(resource, place), what })
  }

  /** Posts an object that is answered and not stored, such as a SelfSubjectAccessReview. */
  review(resource: Resource, object: JsonObject): Promise<JsonObject> {
    return this.#answer({
      method: 'POST',
      path: pathOf(resource, {}),
      what: whatOf('create', resource, {}),
      body: stringifyJson({ apiVersion: apiVersionOf(resource), kind: resource.kind, ...object })
    })
  }

  /** Closes kept connections; running requests end with a fault. */
  close(): void {
    this.#transport.close()
  }

  async #object(asked: Asked): Promise<ApiObject> {
    const object = readApiObject(await this.#answer(asked))
    if (object !== undefined) return object
    throw answerFault(asked.what, 0, { message: 'the answer has no name and version' })
  }

  async #answer(asked: Asked): Promise<JsonObject> {
    const signal = asked.signal ?? AbortSignal.timeout(requestMs)
    return readAnswer(await this.#open({ ...asked, signal }), asked.what)
  }

  async #open(asked: Asked & Pick<TransportRequest, 'signal'>): Promise<IncomingMessage> {
    const response = await this.#transport.open({ accept: json, ...asked })
    if (response.statusCode === 401) this.#connection.expire()
    return response
  }
}

function selectionQuery({ labelSelector, fieldSelector }: Selection): Record<string, string> {
  return {
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector })
  }
}

function whatOf(verb: string, resource: Resource, { namespace, name, subresource }: Place): string {
  const kind = [resourceName(resource), subresource].filter(Boolean).join('/')
  const object = [namespace, name].filter(Boolean).join('/')
  return object === '' ? `${verb} ${kind}` : `${verb} ${kind} ${object}`
}

/** Items of a list have no apiVersion and kind of their own in built-in groups. */
function pageOf(answer: JsonObject, resource: Resource, what: string): ApiPage {
  const metadata = member(answer, 'metadata')
  const resourceVersion = stringMember(metadata, 'resourceVersion')
  const items = member(answer, 'items')
  if (resourceVersion === undefined || !(isJsonArray(items) || items === null)) {
    throw answerFault(what, 0, { message: 'the answer is no list' })
  }
  const identity = { apiVersion: apiVersionOf(resource), kind: resource.kind }
  const objects = (items ?? []).map(item => {
    const object = readApiObject(isJsonObject(item) ? { ...identity, ...item } : item)
    if (object !== undefined) return object
    throw answerFault(what, 0, { message: 'an item has no name and version' })
  })
  const next = stringMember(metadata, 'continue') ?? ''
  return { objects, resourceVersion, next: next === '' ? undefined : next }
}
