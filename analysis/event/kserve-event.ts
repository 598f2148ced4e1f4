import { stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { CloudEvent } from './cloud-event.ts'
import type { Message, Refused } from './message.ts'
import { countInstances, splitResponse } from './kserve-body.ts'
import { maxIdCharacters, readVariant, rolloutName } from './own-event.ts'
import type { Variant } from '../counter/outcome.ts'

const variantAnnotation = 'mlgitops.io/variant'

/**
 * Reads an event of KServe's logger (kserve pkg/logger): the request or the response of one inference. Both
 * have the same ID, and either may come first. Each instance is a message of its own.
 */
export function readKserveEvent(
  event: CloudEvent,
  timeMs: number,
  pathVariant: string | undefined
): readonly Message[] | Refused {
  const rollout = rolloutName(
    event.extension('namespace') ?? '',
    event.extension('inferenceservicename') ?? ''
  )
  if (rollout === undefined) {
    return { refused: 'ce-namespace and ce-inferenceservicename must name an InferenceService' }
  }
  if (event.id.length > maxIdCharacters) {
    return { refused: `the event ID is longer than ${maxIdCharacters} characters` }
  }
  const variant = variantOf(event, pathVariant)
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

function variantOf(event: CloudEvent, pathVariant: string | undefined): Variant | undefined {
  const annotations = event.extension('annotations')
  const annotated =
    annotations === undefined
      ? undefined
      : readVariant(stringMember(parseAnnotations(annotations), variantAnnotation))
  return annotated ?? readVariant(pathVariant)
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
