import { member, stringMember } from '../../common/json.ts'
import { answerFault, eventFault, unreachable } from './api-fault.ts'
import type { ApiClient, Selection } from './api-client.ts'
import { readApiObject } from './api-object.ts'
import type { ApiObject } from './api-object.ts'
import { readLines } from './read-body.ts'
import { resourceName } from './resource.ts'
import type { Resource } from './resource.ts'

/** An event of a watch; each brings the version to go on from. */
export type WatchEvent =
  | { readonly kind: 'put' | 'deleted'; readonly object: ApiObject }
  /** Nothing changed up to this version. */
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }

/** How long a watch goes on. */
export interface WatchOptions {
  readonly resourceVersion: string
  /** After which the server ends it. */
  readonly timeoutSeconds: number
  /** Without a byte for so long the watch ends; without an answer for so long it fails. */
  readonly silenceMs: number
  /** Told with every byte. */
  readonly heard: () => void
  readonly signal: AbortSignal
}

/**
 * The events after a version until the server ends the watch. A line that is no event, and an event of
 * an unknown type, are faults: what is skipped would be missed for ever.
 *
 * @throws {Fault} `KUBERNETES_GONE` where the version is too old; any {@link ApiFaultCode}
 */
export async function* watch(
  client: ApiClient,
  resource: Resource,
  selection: Selection,
  options: WatchOptions
): AsyncGenerator<WatchEvent> {
  const what = `watch ${resourceName(resource)}`
  const silence = new AbortController()
  const timer = setTimeout(() => {
    silence.abort()
  }, options.silenceMs)
  const state = { isOpen: false }
  const heard = () => {
    state.isOpen = true
    timer.refresh()
    options.heard()
  }
  const signal = AbortSignal.any([options.signal, silence.signal])
  try {
    const response = await client.openWatch(resource, selection, options, signal)
    heard()
    for await (const line of readLines(response, what, heard)) yield readEvent(line, what)
  } catch (error) {
    if (!silence.signal.aborted) throw error
    // A quiet resource looks like a dead connection: a new one tells them apart.
    if (!state.isOpen) throw unreachable(what, 'nothing was heard for too long')
  } finally {
    clearTimeout(timer)
    // Whoever leaves early leaves the connection.
    silence.abort()
  }
}

function readEvent(line: Parameters<typeof member>[0], what: string): WatchEvent {
  const type = stringMember(line, 'type')
  const object = member(line, 'object')
  switch (type) {
    case 'BOOKMARK': {
      const version = stringMember(member(object, 'metadata'), 'resourceVersion')
      if (version !== undefined) return { kind: 'bookmark', resourceVersion: version }
      break
    }
    case 'ERROR':
      throw eventFault(what, object)
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED': {
      const read = readApiObject(object)
      if (read !== undefined) return { kind: type === 'DELETED' ? 'deleted' : 'put', object: read }
      break
    }
    default:
  }
  throw answerFault(what, 0, { message: 'an event is not of a known form' })
}
