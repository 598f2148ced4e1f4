import { listNames } from '../../common/fault.ts'
import type { CloudEvent } from './cloud-event.ts'
import { readKserveEvent } from './kserve-event.ts'
import type { EventContext } from './kserve-event.ts'
import type { Message, Refused } from './message.ts'
import { readOwnEvent } from './own-event.ts'

/** The messages of an event, or the reason why it is refused. */
export type Read = { readonly messages: readonly [Message, ...Message[]] } | Refused

const own = ['io.mlgitops.prediction', 'io.mlgitops.feedback'] as const
const kserve = [
  'org.kubeflow.serving.inference.request',
  'org.kubeflow.serving.inference.response'
] as const

/** How far the clock of a sender may be ahead of ours. */
const maxAheadMs = 300_000

/**
 * Reads an event by its type. The rollout that it names may be a source of another one.
 */
export function readMessage(event: CloudEvent, context: EventContext, nowMs: number): Read {
  const timeMs = readTime(event.time, nowMs)
  if (typeof timeMs !== 'number') return timeMs
  if (isOneOf(own, event.type)) {
    const read = readOwnEvent(event, timeMs)
    if ('refused' in read) return read
    const rollout = context.rolloutOf(read.rollout)
    return { messages: [rollout === read.rollout ? read : { ...read, rollout }] }
  }
  if (isOneOf(kserve, event.type)) {
    const read = readKserveEvent(event, timeMs, context)
    if ('refused' in read) return read
    const [first, ...others] = read
    return first === undefined
      ? { refused: 'the event has no instance' }
      : { messages: [first, ...others] }
  }
  const known = listNames([...own, ...kserve])
  const type = JSON.stringify(event.type.slice(0, 100))
  return { refused: `unknown type ${type}; known: ${known}`, because: 'type' }
}

function isOneOf(types: readonly string[], type: string): boolean {
  return types.includes(type)
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/

function readTime(time: string | undefined, nowMs: number): number | Refused {
  if (time === undefined) return refuseTime('the event needs a time: when it happened')
  const timeMs = rfc3339.test(time) ? Date.parse(time.replace(' ', 'T')) : Number.NaN
  if (Number.isNaN(timeMs)) {
    return refuseTime(`the time ${JSON.stringify(time.slice(0, 40))} is not RFC 3339`)
  }
  if (timeMs > nowMs + maxAheadMs) {
    const seconds = Math.round((timeMs - nowMs) / 1_000)
    return refuseTime(`the time is ${seconds} s ahead of ours: check the sender's clock`)
  }
  return timeMs
}

function refuseTime(refused: string): Refused {
  return { refused, because: 'time' }
}
