import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { CloudEvent } from './cloud-event.ts'
import type { Message, Refused } from './message.ts'
import { classText, maxIdCharacters, readVariant, rolloutName } from './own-event.ts'
import type { Variant } from '../counter/outcome.ts'

const variantAnnotation = 'mlgitops.io/variant'
/** Outputs nest lists, not more than this deep. */
const maxDepth = 8

/**
 * Reads a half of what KServe's agent logs (kserve pkg/logger): the request and the response of one
 * inference carry the same id, and either may come first. Of the bodies only the first output counts.
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
    return { refused: 'ce-namespace and ce-inferenceservicename name no InferenceService' }
  }
  if (event.id.length > maxIdCharacters) {
    return { refused: `the id of the event has more than ${maxIdCharacters} characters` }
  }
  const variant = variantOf(event, pathVariant)
  if (variant === undefined) {
    const remedy = `annotate the pods with ${variantAnnotation} and log it (metadataAnnotations), or log to /v1/events/canary and /v1/events/primary`
    return { refused: `the event does not say its variant: ${remedy}`, because: 'variant' }
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

/** KServe's client writes JSON into the header as it is; others percent-encode it. */
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
