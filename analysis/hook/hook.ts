import { isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { tryParseExactJson } from '../../common/parse-json.ts'
import type { RolloutName } from '../event/message.ts'
import { rolloutName } from '../event/own-event.ts'

/** Flagger's types of webhooks (flagger pkg/apis/flagger/v1beta1/canary.go). */
export const hookTypes = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'post-rollout',
  'rollback',
  'event'
] as const

/** One of Flagger's types of webhooks. */
export type HookType = (typeof hookTypes)[number]

/** A hook call of Flagger. */
export interface HookCall {
  readonly type: HookType
  readonly rollout: RolloutName
  /** The phase in the Canary's status: `Progressing`, `Succeeded`, ... */
  readonly phase: string
  /** Identifies the revision; it repeats when the same revision is rolled out again. */
  readonly checksum: string
  /** Tells runs of one checksum apart; undefined if the caller does not. */
  readonly attempt?: string
  readonly metadata: ReadonlyMap<string, string>
}

/** A call, or why a body is not one. */
export type ReadHook = HookCall | { readonly refused: string; readonly isTypeUnknown: boolean }

const maxMetadata = 100
const maxTextCharacters = 200

/**
 * Reads the body of a hook (flagger pkg/controller/webhook.go). The type comes from the path, because the body
 * does not have it; for `/webhook/canary` it comes from `type` in the metadata, by default `pre-rollout`. The keys
 * `attempt` and `phase` of the metadata are for callers without hooks, such as Argo Rollouts.
 */
export function readHook(pathType: string, body: Buffer): ReadHook {
  const json = tryParseExactJson(body.toString('utf8'))
  if (!isJsonObject(json)) return refuse('the body must be a JSON object as Flagger sends it')
  const [namespace, name] = [member(json, 'namespace'), member(json, 'name')]
  const rollout =
    typeof namespace === 'string' && typeof name === 'string'
      ? rolloutName(namespace, name)
      : undefined
  if (rollout === undefined) return refuse('name and namespace must be those of a Canary')
  const metadata = readMetadata(member(json, 'metadata'))
  if (metadata === undefined) {
    return refuse(
      `metadata must be an object of at most ${maxMetadata} strings, numbers or booleans`
    )
  }
  const typeText = pathType === 'canary' ? (metadata.get('type') ?? 'pre-rollout') : pathType
  const type = hookTypes.find(known => known === typeText)
  if (type === undefined) {
    const shown = JSON.stringify(typeText.slice(0, 60))
    return {
      refused: `unknown hook type ${shown}; known: ${hookTypes.join(', ')}`,
      isTypeUnknown: true
    }
  }
  if (pathType === 'canary') metadata.delete('type')
  const names = readNames(json, metadata)
  return 'refused' in names ? names : { type, rollout, ...names, metadata }
}

/** Reads what identifies the run and says where it is. */
function readNames(
  json: JsonObject,
  metadata: Map<string, string>
): Pick<HookCall, 'phase' | 'checksum' | 'attempt'> | Extract<ReadHook, { refused: string }> {
  const [phase, checksum] = [textOf(member(json, 'phase')), textOf(member(json, 'checksum'))]
  if (phase === undefined || checksum === undefined)
    return refuse('phase and checksum must be strings')
  const attempt = takeText(metadata, 'attempt')
  const given = takeText(metadata, 'phase')
  if (attempt === null || given === null) {
    return refuse(`attempt and phase must have at most ${maxTextCharacters} characters`)
  }
  return { phase: given ?? phase, checksum, ...(attempt === undefined ? {} : { attempt }) }
}

/** Takes a key out of the metadata that is not an objective setting. Null if it is too long. */
function takeText(metadata: Map<string, string>, key: string): string | undefined | null {
  const text = metadata.get(key)
  metadata.delete(key)
  return text === undefined || text.length <= maxTextCharacters ? text : null
}

function refuse(refused: string): Extract<ReadHook, { refused: string }> {
  return { refused, isTypeUnknown: false }
}

function readMetadata(value: JsonValue | undefined): Map<string, string> | undefined {
  if (value === undefined || value === null) return new Map()
  if (!isJsonObject(value)) return undefined
  const entries = Object.entries(value)
  if (entries.length > maxMetadata) return undefined
  const metadata = new Map<string, string>()
  for (const [key, text] of entries) {
    if (typeof text === 'object') return undefined
    metadata.set(key, String(text))
  }
  return metadata
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' && value.length <= maxTextCharacters ? value : undefined
}
