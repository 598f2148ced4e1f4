import { member, stringMember } from '../../common/json.ts'
import { answerFault, eventFault, unreachable } from './api-fault.ts'
import type { ApiClient } from './api-client.ts'
import { readApiObject } from './api-object.ts'
import type { ApiObject } from './api-object.ts'
import type { Selection, WatchStart } from './list-requests.ts'
import { readLines } from './read-body.ts'
import { resourceName } from './resource.ts'
import type { Resource } from './resource.ts'

/** An event of a watch; each has the version to continue from. */
export type WatchEvent =
  | { readonly kind: 'put' | 'deleted'; readonly object: ApiObject }
  /** Nothing changed up to this version. */
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }

/** Where a watch starts and when it ends. */
export interface WatchOptions extends WatchStart {
  /** After this time without a byte the watch ends; after this time without an answer it fails. */
  readonly silenceMs: number
  /** Is called with every chunk that arrives. */
  readonly received: () => void
  readonly signal: AbortSignal
}

/**
 * The events after a version until the server ends the watch. A line that is not an event, and an event
 * of an unknown type, are faults: a skipped change would be missed for ever.
 *
 * @throws {Fault} `KUBERNETES_GONE` if the version is too old; any {@link ApiFaultCode}
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
  const received = () => {
    state.isOpen = true
    timer.refresh()
    options.received()
  }
  const signal = AbortSignal.any([options.signal, silence.signal])
  try {
    const response = await client.openWatch(resource, selection, options, signal)
    received()
    for await (const line of readLines(response, what, received)) yield readEvent(line, what)
  } catch (error) {
    if (!silence.signal.aborted) throw error
    // A quiet resource looks like a dead connection; only a new connection shows which it is.
    if (!state.isOpen) throw unreachable(what, 'no answer in time')
  } finally {
    clearTimeout(timer)
    // A caller that stops early closes the connection.
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
  throw answerFault(what, 0, { message: 'an event has an unknown form' })
}
