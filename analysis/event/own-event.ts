import { createHash } from 'node:crypto'
import { member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { isNotANumber } from '../counter/class-name.ts'
import { variants } from '../counter/outcome.ts'
import type { Variant } from '../counter/outcome.ts'
import { objectData } from './cloud-event.ts'
import type { CloudEvent } from './cloud-event.ts'
import type { Message, Refused, RolloutName } from './message.ts'
import { readMeasures, readScores } from './read-measures.ts'

/** Longest ID of a prediction. */
export const maxIdCharacters = 200
const maxClassCharacters = 200
/** 96 bits. */
const clusterCharacters = 16
const maxLatencyMs = 86_400_000

/** Reads `io.mlgitops.prediction` or `io.mlgitops.feedback`. Unknown members are ignored. */
export function readOwnEvent(event: CloudEvent, timeMs: number): Message | Refused {
  const data = objectData(event)
  if (data === undefined) return { refused: 'data must be a JSON object' }
  const rollout = readRollout(member(data, 'rollout'))
  if (rollout === undefined) return { refused: 'rollout must be "namespace/name" of a Canary' }
  const id = member(data, 'id')
  if (typeof id !== 'string' || id === '' || id.length > maxIdCharacters) {
    return { refused: `id must be a string of 1 to ${maxIdCharacters} characters` }
  }
  const label = readClass(data, 'label')
  if (typeof label === 'object') return label
  const identified = { rollout, id, timeMs }
  return event.type === 'io.mlgitops.feedback'
    ? readFeedback(data, { ...identified, label })
    : readPrediction(data, { ...identified, label })
}

type Labelled = Pick<Extract<Message, { kind: 'feedback' }>, 'rollout' | 'id' | 'timeMs' | 'label'>

function readFeedback(data: JsonObject, labelled: Labelled): Message | Refused {
  const scores = readScores(data)
  if ('refused' in scores) return scores
  return labelled.label === undefined && scores.scores === undefined
    ? { refused: 'feedback needs a label or scores' }
    : { kind: 'feedback', ...labelled, ...scores }
}

function readPrediction(data: JsonObject, labelled: Labelled): Message | Refused {
  const answer = readAnswer(data)
  if ('refused' in answer) return answer
  const measures = readMeasures(data)
  if ('refused' in measures) return measures
  return { kind: 'prediction', ...labelled, ...answer, ...measures }
}

type Answer = Pick<
  Extract<Message, { kind: 'prediction' }>,
  'variant' | 'predicted' | 'latencyMs' | 'isError' | 'cluster'
>

function readAnswer(data: JsonObject): Answer | Refused {
  const variant = readVariant(member(data, 'variant'))
  if (variant === undefined) {
    return { refused: `variant must be ${variants.join(' or ')}`, because: 'variant' }
  }
  const isError = member(data, 'error') ?? false
  if (typeof isError !== 'boolean') return { refused: 'error must be true or false' }
  const predicted = readClass(data, 'predicted')
  if (typeof predicted === 'object') return predicted
  if (predicted === undefined && !isError) return { refused: 'predicted is missing' }
  const latencyMs = readLatency(data, isError)
  if (typeof latencyMs === 'object') return latencyMs
  const cluster = readCluster(member(data, 'cluster'))
  if (typeof cluster === 'object') return cluster
  return { variant, predicted, isError, latencyMs, ...(cluster === undefined ? {} : { cluster }) }
}

/** Reads a cluster as a digest: a name of a user is not stored, and takes no more room than another. */
function readCluster(value: JsonValue | undefined): string | undefined | Refused {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value === '' || value.length > maxIdCharacters) {
    return { refused: `cluster must be a string of 1 to ${maxIdCharacters} characters` }
  }
  return createHash('sha256').update(value).digest('base64url').slice(0, clusterCharacters)
}

/** Reads the latency. It is optional for an error. */
function readLatency(data: JsonObject, isError: boolean): number | undefined | Refused {
  const latencyMs = member(data, 'latencyMs')
  if (isError && (latencyMs === undefined || latencyMs === null)) return undefined
  return typeof latencyMs === 'number' && latencyMs >= 0 && latencyMs <= maxLatencyMs
    ? latencyMs
    : { refused: `latencyMs must be a number from 0 to ${maxLatencyMs}` }
}

/** Returns the variant if the value is one. */
export function readVariant(value: JsonValue | undefined): Variant | undefined {
  return variants.find(variant => variant === value)
}

/** Reads a class as text; undefined if it is missing. */
function readClass(data: JsonObject, name: string): string | undefined | Refused {
  const value = member(data, name)
  if (value === undefined || value === null) return undefined
  const text = classText(value)
  if (text !== undefined && isNotANumber(text))
    return { refused: `${name} is NaN, which is not a class` }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { refused: `${name} is a number beyond 1.8e308, which is neither a class nor a value` }
  }
  return (
    text ?? {
      refused: `${name} must be a string of at most ${maxClassCharacters} characters, a number or a boolean`
    }
  )
}

/**
 * Returns a class as text. Undefined for a value that cannot be a class.
 * A lone surrogate is replaced as the store replaces it, so that a class stays the same after a restart.
 */
export function classText(value: JsonValue): string | undefined {
  if (typeof value === 'object') return undefined
  const text = String(value).toWellFormed()
  return text.length > maxClassCharacters ? undefined : text
}

const dnsLabel = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/
const dnsName = /^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/

/** Returns the name of a Canary; undefined if Kubernetes would reject it. */
export function rolloutName(namespace: string, name: string): RolloutName | undefined {
  return dnsLabel.test(namespace) && dnsName.test(name) ? { namespace, name } : undefined
}

/** Reads `namespace/name` of a Canary. */
export function readRollout(value: JsonValue | undefined): RolloutName | undefined {
  if (typeof value !== 'string') return undefined
  const slash = value.indexOf('/')
  return rolloutName(value.slice(0, Math.max(0, slash)), value.slice(slash + 1))
}
