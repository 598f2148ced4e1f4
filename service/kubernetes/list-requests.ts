import type { IncomingMessage } from 'node:http'
import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { answerFault } from './api-fault.ts'
import { readApiObject } from './api-object.ts'
import type { ApiObject } from './api-object.ts'
import { readAnswer } from './read-body.ts'
import { apiVersionOf, describeTarget, pathOf } from './resource.ts'
import type { Resource } from './resource.ts'
import type { Transport } from './transport.ts'

/** Which objects are listed or watched. */
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
  /** Of the list as a whole; a watch continues from it. */
  readonly resourceVersion: string
  /** Continues the list on the next page; undefined on the last. */
  readonly next: string | undefined
}

/** Where a watch starts. */
export interface WatchStart {
  readonly resourceVersion: string
  /** After which the server ends it. */
  readonly timeoutSeconds: number
}

const requestMs = 30_000
const pageObjects = 500
const json = 'application/json'
const metadataJson = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'
const metadataListJson =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

/** Requests one page of a list. @throws {Fault} any {@link ApiFaultCode} */
export async function listPage(
  transport: Transport,
  resource: Resource,
  options: {
    readonly selection: Selection
    readonly next: string | undefined
    readonly signal: AbortSignal | undefined
  }
): Promise<ApiPage> {
  const { selection, next, signal } = options
  const what = `list ${describeTarget(resource, selection)}`
  const timeout = AbortSignal.timeout(requestMs)
  const response = await transport.open({
    method: 'GET',
    path: pathWith(resource, selection, {
      limit: String(pageObjects),
      ...(next !== undefined && { continue: next })
    }),
    accept: selection.isMetadataOnly === true ? metadataListJson : json,
    what,
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  })
  const { value } = await readAnswer(response, what)
  return pageOf(value, resource, what)
}

/** Opens a watch. @throws {Fault} any {@link ApiFaultCode} */
export async function openWatch(
  transport: Transport,
  resource: Resource,
  options: {
    readonly selection: Selection
    readonly from: WatchStart
    readonly signal: AbortSignal
  }
): Promise<IncomingMessage> {
  const { selection, from, signal } = options
  const what = `watch ${describeTarget(resource, selection)}`
  const response = await transport.open({
    method: 'GET',
    path: pathWith(resource, selection, {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: from.resourceVersion,
      timeoutSeconds: String(from.timeoutSeconds)
    }),
    accept: selection.isMetadataOnly === true ? metadataJson : json,
    what,
    signal
  })
  if (response.statusCode === 200) return response
  await readAnswer(response, what)
  throw answerFault(what, response.statusCode ?? 0, undefined)
}

function pathWith(
  resource: Resource,
  { namespace, labelSelector, fieldSelector }: Selection,
  more: Readonly<Record<string, string>>
): string {
  const query = new URLSearchParams({
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
    ...more
  })
  return `${pathOf(resource, namespace)}?${query.toString()}`
}

/** Items of a list have no apiVersion and kind of their own in built-in groups. */
function pageOf(answer: JsonObject, resource: Resource, what: string): ApiPage {
  const metadata = member(answer, 'metadata')
  const resourceVersion = stringMember(metadata, 'resourceVersion')
  const items = member(answer, 'items')
  if (resourceVersion === undefined || !(isJsonArray(items) || items === null)) {
    throw answerFault(what, 0, { message: 'the answer is not a list' })
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
