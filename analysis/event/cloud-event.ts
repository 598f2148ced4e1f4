import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { tryParseJson } from '../../common/parse-json.ts'
import { jsonExcess } from '../json-excess.ts'
import type { Refused } from './message.ts'

/** A CloudEvent 1.0 in any of the three modes of the HTTP binding. */
export interface CloudEvent {
  readonly type: string
  readonly id: string
  /** Who sent it. */
  readonly source: string
  /** RFC 3339; undefined if it is missing. */
  readonly time: string | undefined
  /** Returns an extension attribute by its name in lower case. */
  readonly extension: (name: string) => string | undefined
  readonly data: JsonValue | undefined
}

/** The events of a request in their order, each of them read or refused. */
export type CloudEvents =
  | { readonly kind: 'events'; readonly events: readonly (CloudEvent | RefusedEvent)[] }
  | { readonly kind: 'refused'; readonly reason: string }

/** An event that cannot be read. */
export interface RefusedEvent extends Refused {
  readonly id: string | undefined
}

/** Largest number of events in a batch. */
export const maxBatchEvents = 20_000

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Reads a request of the HTTP binding of CloudEvents 1.0: structured (`application/cloudevents+json`),
 * batched (`application/cloudevents-batch+json`) or binary (attributes in `ce-` headers).
 *
 * @param body decompressed
 */
export function readCloudEvents(headers: Headers, body: Buffer): CloudEvents {
  const contentType = headerOf(headers, 'content-type')?.toLowerCase() ?? ''
  const text = body.toString('utf8')
  const excess = jsonExcess(text)
  if (excess !== undefined) return { kind: 'refused', reason: `the body ${excess}` }
  if (contentType.startsWith('application/cloudevents-batch+json')) return readBatch(text)
  if (contentType.startsWith('application/cloudevents+json')) {
    const json = tryParseJson(text)
    if (json === undefined) return { kind: 'refused', reason: 'the body is not JSON' }
    return { kind: 'events', events: [readStructured(json)] }
  }
  if (headerOf(headers, 'ce-specversion') !== undefined) {
    return { kind: 'events', events: [readBinary(headers, text)] }
  }
  const reason =
    'this is not a CloudEvent: send ce- headers, application/cloudevents+json or application/cloudevents-batch+json'
  return { kind: 'refused', reason }
}

function readBatch(text: string): CloudEvents {
  const json = tryParseJson(text)
  if (!isJsonArray(json))
    return { kind: 'refused', reason: 'a batch must be a JSON array of events' }
  if (json.length > maxBatchEvents) {
    return { kind: 'refused', reason: `a batch must have at most ${maxBatchEvents} events` }
  }
  return { kind: 'events', events: json.map(readStructured) }
}

function readStructured(json: JsonValue): CloudEvent | RefusedEvent {
  if (!isJsonObject(json))
    return { refused: 'an event must be a JSON object', because: 'envelope', id: undefined }
  const text = (name: string) => {
    const value = member(json, name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const envelope = readEnvelope(text)
  if ('refused' in envelope) return envelope
  const { data_base64: base64 } = json
  const data = base64 === undefined ? member(json, 'data') : parseBase64(base64)
  return { ...envelope, data }
}

function readBinary(headers: Headers, text: string): CloudEvent | RefusedEvent {
  const envelope = readEnvelope(name => headerOf(headers, `ce-${name}`))
  if ('refused' in envelope) return envelope
  return { ...envelope, data: tryParseJson(text) }
}

function readEnvelope(
  attribute: (name: string) => string | undefined
): Omit<CloudEvent, 'data'> | RefusedEvent {
  const id = attribute('id')
  if (attribute('specversion') !== '1.0') {
    return { refused: 'specversion must be 1.0', because: 'envelope', id }
  }
  const type = attribute('type')
  const source = attribute('source')
  if (id === undefined || type === undefined || source === undefined) {
    const missing = id === undefined ? 'an id' : type === undefined ? 'a type' : 'a source'
    return { refused: `an event needs ${missing}`, because: 'envelope', id }
  }
  return { type, id, source, time: attribute('time'), extension: attribute }
}

function headerOf(headers: Headers, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

function parseBase64(value: JsonValue): JsonValue | undefined {
  const text = typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : ''
  return jsonExcess(text) === undefined ? tryParseJson(text) : undefined
}

/** Returns the data of an event if they are a JSON object. */
export function objectData({ data }: CloudEvent): JsonObject | undefined {
  return isJsonObject(data) ? data : undefined
}
