import { gunzipSync } from 'node:zlib'
import type { Fault } from '../../common/fault.ts'
import { stringifyJson, stringMember } from '../../common/json.ts'
import { jsonAnswer, textAnswer } from '../../service/http/answer.ts'
import type { Answer } from '../../service/http/answer.ts'
import type { HttpRequest } from '../../service/http/request.ts'
import { objectData, readCloudEvents } from './cloud-event.ts'
import type { CloudEvent, CloudEvents, RefusedEvent } from './cloud-event.ts'
import type { Message, RefusalReason, RolloutName } from './message.ts'
import { isStoreUnusable } from '../store/store-unusable.ts'
import { readMessage } from './read-message.ts'
import type { Read } from './read-message.ts'
import type { RolloutOf } from './rollout-of.ts'

/** Largest body in bytes, both as sent and unpacked. */
export const eventsLimitBytes = 16 * 1024 * 1024

const maxRefused = 100

/** What the route needs to ingest events. */
export interface EventsRouteOptions {
  /** Resolves when all messages are durable. */
  readonly ingest: (messages: readonly Message[]) => Promise<void>
  readonly isNamespaceAllowed: (rollout: RolloutName) => boolean
  /**
   * Whether there is room for the rollout, and reserves it. A known rollout always has room; the number of
   * rollouts that events can add is limited.
   */
  readonly hasRoomFor: (rollout: RolloutName) => boolean
  /** Whether a message is from before the run of its rollout, by the clock of its source. */
  readonly isEarly: (message: Message, source: string) => boolean
  readonly rolloutOf: RolloutOf
  readonly storeUnusable: (fault: Fault) => void
  /** Called for each refused event, and for a body that holds no events. */
  readonly refused: (reason: RefusalReason) => void
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

/** Answers `POST /v1/events` and `POST /v1/events/<variant>`. */
export function eventsRoute(
  options: EventsRouteOptions
): (request: HttpRequest) => Promise<Answer> {
  return async request => {
    const body = unpack(request)
    const events: CloudEvents =
      body === undefined
        ? {
            kind: 'refused',
            reason: `cannot unpack the body: it is not gzip, or larger than ${eventsLimitBytes} bytes`
          }
        : readCloudEvents(request.headers, body)
    if (events.kind === 'refused') {
      options.refused('envelope')
      return answer({ accepted: 0 }, [{ index: 0, id: null, reason: events.reason }])
    }
    const { messages, accepted, refused } = readAll(events.events, request, options)
    try {
      if (messages.length > 0) await options.ingest(messages)
    } catch (error) {
      if (!isStoreUnusable(error)) throw error
      options.storeUnusable(error)
      return textAnswer(503, `${error.message}; send all events again`)
    }
    return answer(accepted, refused)
  }
}

interface ReadEvents {
  readonly messages: readonly Message[]
  readonly accepted: Accepted
  readonly refused: readonly Refusal[]
}

/** Reads every event, and reports those that are refused. */
function readAll(
  events: readonly (CloudEvent | RefusedEvent)[],
  { params }: HttpRequest,
  options: EventsRouteOptions
): ReadEvents {
  const messages: Message[] = []
  const refused: Refusal[] = []
  const nowMs = options.nowMs()
  const context = { pathVariant: params.variant, rolloutOf: options.rolloutOf }
  let [accepted, early] = [0, 0]
  for (const [index, event] of events.entries()) {
    const read = 'refused' in event ? event : allowed(readMessage(event, context, nowMs), options)
    if ('refused' in read) {
      options.refused(read.because ?? 'data')
      refused.push({ index, id: idOf(event), reason: read.refused })
    } else {
      accepted += 1
      if ('source' in event && options.isEarly(read.messages[0], event.source)) early += 1
      messages.push(...read.messages)
    }
  }
  return { messages, accepted: { accepted, ...(early > 0 ? { early } : {}) }, refused }
}

/** A refused event in the answer. A body that holds no events is reported as event 0. */
interface Refusal {
  readonly index: number
  readonly id: string | null
  readonly reason: string
}

/** `early`: accepted events from before the first hook of the run; they are kept and do not count. */
interface Accepted {
  readonly accepted: number
  readonly early?: number
}

function answer(accepted: Accepted, refused: readonly Refusal[]): Answer {
  if (refused.length === 0) return jsonAnswer(200, stringifyJson({ ...accepted }))
  const shown = refused.slice(0, maxRefused).map(refusal => ({ ...refusal }))
  return jsonAnswer(400, stringifyJson({ ...accepted, refused: shown }))
}

/** Returns the prediction ID that the sender uses, or else the ID of the CloudEvent. */
function idOf(event: CloudEvent | RefusedEvent): string | null {
  const own = 'refused' in event ? undefined : stringMember(objectData(event), 'id')
  return own ?? event.id ?? null
}

function allowed(read: Read, options: EventsRouteOptions): Read {
  if ('refused' in read) return read
  const { rollout } = read.messages[0]
  if (!options.isNamespaceAllowed(rollout)) {
    const { namespace } = rollout
    return {
      refused: `this service does not judge namespace ${namespace}`,
      because: 'namespace'
    }
  }
  return options.hasRoomFor(rollout)
    ? read
    : { refused: 'too many canaries are known: events cannot add another', because: 'room' }
}

/** Unpacks gzip. KServe may log a gzip body without Content-Encoding, so the body itself is checked. */
function unpack({ body, headers }: HttpRequest): Buffer | undefined {
  const isGzip = body[0] === 0x1f && body[1] === 0x8b
  if (!isGzip) return headers['content-encoding'] === 'gzip' ? undefined : body
  try {
    return gunzipSync(body, { maxOutputLength: eventsLimitBytes })
  } catch {
    return undefined
  }
}
