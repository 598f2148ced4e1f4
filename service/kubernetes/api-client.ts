import type { IncomingMessage } from 'node:http'
import {
  AdmissionregistrationV1Api,
  AuthorizationV1Api,
  CoordinationV1Api,
  CoreV1Api,
  createConfiguration,
  CustomObjectsApi,
  PatchStrategy,
  ServerConfiguration,
  setHeaderOptions,
  V1MicroTime
} from '@kubernetes/client-node'
import { isJsonArray } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { answerFault } from './api-fault.ts'
import { anyServer, httpLibrary } from './api-http.ts'
import { readApiObject } from './api-object.ts'
import type { ApiObject } from './api-object.ts'
import type { Connection } from './connection.ts'
import { listPage, openWatch } from './list-requests.ts'
import type { ApiPage, Selection, WatchStart } from './list-requests.ts'
import { readObject } from './read-object.ts'
import type { SizedObject } from './read-object.ts'
import { apiVersionOf, describeTarget } from './resource.ts'
import type { Target, Resource } from './resource.ts'
import { Transport } from './transport.ts'

/** How a server-side apply is done. */
export interface ApplyOptions {
  /** Becomes the owner of the fields. */
  readonly fieldManager: string
  /** Takes fields over from other managers; without it they are a conflict (409). */
  readonly isForced?: boolean
}

/** A custom resource as the library's CustomObjectsApi names it. */
type Named = Pick<Resource, 'group' | 'version' | 'plural'> & { readonly name: string }

/**
 * Reads and writes objects by the library's generated APIs, over our own {@link Transport}. Whatever
 * does not succeed throws an {@link ApiFault}; only a request on a kept connection that the server was
 * closing is sent twice.
 */
export class ApiClient {
  /** ConfigMaps, Events, Secrets. */
  readonly core: CoreV1Api
  /** Leases. */
  readonly coordination: CoordinationV1Api
  /** Access reviews. */
  readonly authorization: AuthorizationV1Api
  /** Webhook configurations. */
  readonly admissionregistration: AdmissionregistrationV1Api
  /** Options for a call that sends a JSON Patch (RFC 6902). */
  readonly asJsonPatch = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch)
  readonly #custom: CustomObjectsApi
  readonly #connection: Connection
  readonly #transport: Transport

  /** @param userAgent what the API server's audit log calls us, such as `mlgitops/0.1.0` */
  constructor(connection: Connection, userAgent: string) {
    this.#connection = connection
    this.#transport = new Transport(connection, userAgent)
    const configuration = createConfiguration({
      baseServer: new ServerConfiguration(anyServer, {}),
      httpApi: httpLibrary(this.#transport)
    })
    this.core = new CoreV1Api(configuration)
    this.coordination = new CoordinationV1Api(configuration)
    this.authorization = new AuthorizationV1Api(configuration)
    this.admissionregistration = new AdmissionregistrationV1Api(configuration)
    this.#custom = new CustomObjectsApi(configuration)
  }

  /** Our own namespace where the connection knows it. */
  get namespace(): string | undefined {
    return this.#connection.namespace
  }

  /** A time as Leases have it, in microseconds. */
  microTime(date: Date): V1MicroTime {
    return new V1MicroTime(date)
  }

  /** Reads a custom resource. */
  async get(resource: Resource, target: Target): Promise<ApiObject> {
    const { namespace, ...named } = namedOf(resource, target)
    const object: unknown = await (namespace === undefined
      ? this.#custom.getClusterCustomObject(named)
      : this.#custom.getNamespacedCustomObject({ ...named, namespace }))
    return objectOf(object, 'get', resource, target)
  }

  /** Reads an object of any kind; the signal bounds the time. */
  read(
    resource: Resource,
    target: Pick<Target, 'namespace' | 'name'>,
    signal: AbortSignal
  ): Promise<SizedObject> {
    return readObject(this.#transport, resource, target, signal)
  }

  /** Changes a custom resource by a JSON Merge Patch (RFC 7396), or a JSON Patch (RFC 6902) if it is a list. */
  patch(resource: Resource, target: Target, patch: JsonValue): Promise<ApiObject> {
    const strategy = isJsonArray(patch) ? PatchStrategy.JsonPatch : PatchStrategy.MergePatch
    return this.#patch(resource, target, { body: patch }, strategy)
  }

  /** Server-side apply of a custom resource: creates it, or sets these fields and drops those we set before. */
  apply(
    resource: Resource,
    target: Target,
    object: JsonObject,
    { fieldManager, isForced = false }: ApplyOptions
  ): Promise<ApiObject> {
    const body = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object }
    const applied = { body, fieldManager, force: isForced }
    return this.#patch(resource, target, applied, PatchStrategy.ServerSideApply)
  }

  /** Deletes a custom resource. */
  async remove(resource: Resource, target: Target): Promise<void> {
    const { namespace, ...named } = namedOf(resource, target)
    if (namespace === undefined) await this.#custom.deleteClusterCustomObject(named)
    else await this.#custom.deleteNamespacedCustomObject({ ...named, namespace })
  }

  /** One page of a list of any kind; the first one, without `next`, is as new as the store itself. */
  list(
    resource: Resource,
    selection: Selection,
    next: string | undefined,
    signal?: AbortSignal
  ): Promise<ApiPage> {
    return listPage(this.#transport, resource, { selection, next, signal })
  }

  /** Opens a stream of events of any kind; its body is for {@link readLines}. */
  openWatch(
    resource: Resource,
    selection: Selection,
    from: WatchStart,
    signal: AbortSignal
  ): Promise<IncomingMessage> {
    return openWatch(this.#transport, resource, { selection, from, signal })
  }

  /** Closes kept connections; running requests end with a fault. */
  close(): void {
    this.#transport.close()
  }

  async #patch(
    resource: Resource,
    target: Target,
    patch: { readonly body: JsonValue; readonly fieldManager?: string; readonly force?: boolean },
    strategy: string
  ): Promise<ApiObject> {
    const options = setHeaderOptions('Content-Type', strategy)
    const { namespace, ...named } = { ...namedOf(resource, target), ...patch }
    const custom = this.#custom
    const send = (): Promise<unknown> => {
      if (target.subresource === undefined) {
        return namespace === undefined
          ? custom.patchClusterCustomObject(named, options)
          : custom.patchNamespacedCustomObject({ ...named, namespace }, options)
      }
      return namespace === undefined
        ? custom.patchClusterCustomObjectStatus(named, options)
        : custom.patchNamespacedCustomObjectStatus({ ...named, namespace }, options)
    }
    return objectOf(await send(), 'patch', resource, target)
  }
}

function namedOf(
  { group, version, plural }: Resource,
  { namespace, name = '' }: Target
): Named & { readonly namespace: string | undefined } {
  return { group, version, plural, name, namespace }
}

function objectOf(value: unknown, verb: string, resource: Resource, target: Target): ApiObject {
  const object = readApiObject(value as JsonValue)
  if (object !== undefined) return object
  const what = `${verb} ${describeTarget(resource, target)}`
  throw answerFault(what, 0, { message: 'the answer has no name and version' })
}
