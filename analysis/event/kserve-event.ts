import { stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { CloudEvent } from './cloud-event.ts'
import type { Message, Refused, RolloutName } from './message.ts'
import { countInstances, splitResponse } from './kserve-body.ts'
import { maxIdCharacters, readRollout, readVariant, rolloutName } from './own-event.ts'
import type { RolloutOf } from './rollout-of.ts'

/** What an event does not say itself. */
export interface EventContext {
  /** The last segment of `POST /v1/events/<variant>`. */
  readonly pathVariant: string | undefined
  readonly rolloutOf: RolloutOf
}

const variantAnnotation = 'mlgitops.io/variant'
const rolloutAnnotation = 'mlgitops.io/rollout'

/**
 * Reads an event of KServe's logger (kserve pkg/logger): the request or the response of one inference. Both
 * have the same ID, and either may come first. Each instance is a message of its own. The rollout is that of the
 * annotation, or else that of the InferenceService.
 */
export function readKserveEvent(
  event: CloudEvent,
  timeMs: number,
  { pathVariant, rolloutOf }: EventContext
): readonly Message[] | Refused {
  const annotations = annotationsOf(event)
  const rollout = readNamedRollout(event, annotations, rolloutOf)
  if ('refused' in rollout) return rollout
  if (event.id.length > maxIdCharacters) {
    return { refused: `the event ID is longer than ${maxIdCharacters} characters` }
  }
  const variant =
    readVariant(stringMember(annotations, variantAnnotation)) ?? readVariant(pathVariant)
  if (variant === undefined) {
    const remedy = `annotate the pods with ${variantAnnotation} and log it (metadataAnnotations), or log to /v1/events/canary and /v1/events/primary`
    return { refused: `the event has no variant: ${remedy}`, because: 'variant' }
  }
  const shared = { rollout, timeMs, variant }
  if (event.type.endsWith('.request')) {
    return idsOf(event.id, countInstances(event.data)).map(id => ({
      kind: 'request',
      ...shared,
      id
    }))
  }
  const split = splitResponse(event.data)
  if ('unusable' in split) return { refused: split.unusable }
  return idsOf(event.id, split.instances.length).map((id, at) => ({
    kind: 'response',
    ...shared,
    id,
    predicted: split.instances[at]
  }))
}

/** `id/0`, `id/1` and so on; a single instance has the ID itself. */
function idsOf(id: string, count: number): readonly string[] {
  return count === 1 ? [id] : Array.from({ length: count }, (_, at) => `${id}/${at}`)
}

function readNamedRollout(
  event: CloudEvent,
  annotations: JsonValue | undefined,
  rolloutOf: RolloutOf
): RolloutName | Refused {
  const namespace = event.extension('namespace') ?? ''
  const annotated = stringMember(annotations, rolloutAnnotation)
  if (annotated !== undefined) {
    const text = annotated.includes('/') ? annotated : `${namespace}/${annotated}`
    const refused = `the annotation ${rolloutAnnotation} must be NAME or NAMESPACE/NAME of a Canary`
    return readRollout(text) ?? { refused }
  }
  const service = rolloutName(namespace, event.extension('inferenceservicename') ?? '')
  if (service !== undefined) return rolloutOf(service)
  return { refused: 'ce-namespace and ce-inferenceservicename must name an InferenceService' }
}

function annotationsOf(event: CloudEvent): JsonValue | undefined {
  const text = event.extension('annotations')
  return text === undefined ? undefined : parseAnnotations(text)
}

/** Parses the annotations header. KServe writes plain JSON; other clients percent-encode it. */
function parseAnnotations(text: string): JsonValue | undefined {
  for (const read of [() => text, () => decodeURIComponent(text)]) {
    try {
      return JSON.parse(read()) as JsonValue
    } catch {
      continue
    }
  }
  return undefined
}
