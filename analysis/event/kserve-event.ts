import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { CloudEvent } from './cloud-event.ts'
import type { Message, Refused } from './message.ts'
import { classText, maxIdCharacters, readVariant, rolloutName } from './own-event.ts'
import type { Variant } from '../counter/outcome.ts'

const variantAnnotation = 'mlgitops.io/variant'
/** How deep lists are searched for the first value of an output. */
const maxDepth = 8

/**
 * Reads an event of KServe's logger (kserve pkg/logger): the request or the response of one inference. Both
 * have the same ID, and either may come first. Only the first output of the body is read.
 */
export function readKserveEvent(
  event: CloudEvent,
  timeMs: number,
  pathVariant: string | undefined
): Message | Refused {
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
  const identified = { rollout, id: event.id, timeMs, variant }
  if (event.type.endsWith('.request')) return { kind: 'request', ...identified }
  const predicted = firstOutput(event.data)
  return predicted === undefined
    ? { refused: 'the response has no first output (V1 predictions, V2 outputs[0].data)' }
    : { kind: 'response', ...identified, predicted }
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

function firstOutput(body: JsonValue | undefined): string | undefined {
  if (!isJsonObject(body)) return undefined
  const outputs = member(body, 'outputs')
  const first = isJsonArray(outputs) ? outputs[0] : undefined
  return firstScalar(isJsonObject(first) ? member(first, 'data') : member(body, 'predictions'))
}

function firstScalar(value: JsonValue | undefined): string | undefined {
  let inner = value
  for (let depth = 0; depth < maxDepth && isJsonArray(inner); depth += 1) inner = inner[0]
  return inner === undefined || inner === null ? undefined : classText(inner)
}
