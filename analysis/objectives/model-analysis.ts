import { Fault } from '../../common/fault.ts'
import { isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { rolloutName } from '../event/own-event.ts'
import type { RolloutName } from '../event/message.ts'
import { analysisKeys } from '../settings/keys.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import { readAnalysis } from '../settings/read-analysis.ts'

/** A Canary and the settings that its ModelAnalysis declares. */
export interface DeclaredAnalysis {
  readonly rollout: RolloutName
  readonly settings: ObjectiveSettings
}

const maxDepth = 6

/** Keys with `on` or `off`, which are booleans in YAML 1.1 when not quoted; kubectl reads YAML 1.1. */
const switches = new Set(
  analysisKeys.filter(({ value }) => value === 'on or off').map(({ name }) => name)
)

/** Whether an object is a ModelAnalysis of this project. */
export function isModelAnalysis(object: JsonValue): object is JsonObject {
  return (
    isJsonObject(object) &&
    member(object, 'apiVersion') === 'mlgitops.io/v1alpha1' &&
    member(object, 'kind') === 'ModelAnalysis'
  )
}

/**
 * Reads a ModelAnalysis: the same keys as hook metadata, nested at their dots.
 *
 * @throws {Fault} `MODEL_ANALYSIS_INVALID`
 */
export function readModelAnalysis(object: JsonObject, where: string): DeclaredAnalysis {
  const metadata = member(object, 'metadata')
  const rollout = rolloutName(
    stringMember(metadata, 'namespace') ?? 'default',
    stringMember(metadata, 'name') ?? ''
  )
  if (rollout === undefined) {
    throw new Fault(
      'MODEL_ANALYSIS_INVALID',
      'metadata.namespace and metadata.name must name a Canary',
      {
        where
      }
    )
  }
  const settings = new Map<string, string>()
  flatten(member(object, 'spec'), '', settings, where)
  try {
    readAnalysis(settings, false)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw new Fault('MODEL_ANALYSIS_INVALID', error.message, { where: `${where}: spec` })
  }
  return { rollout, settings }
}

/** The settings of an invalid ModelAnalysis, for hooks to reject with the reason. */
export function flattenSpec(object: JsonObject): ReadonlyMap<string, string> {
  const settings = new Map<string, string>()
  try {
    flatten(member(object, 'spec'), '', settings, '')
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    // `spec` is an unknown key, so hooks reject it by name.
    settings.set('spec', error.message)
  }
  return settings
}

function flatten(
  value: JsonValue | undefined,
  path: string,
  settings: Map<string, string>,
  where: string
): void {
  if (isJsonObject(value) && path.split('.').length <= maxDepth) {
    for (const [key, inner] of Object.entries(value)) {
      flatten(inner, path === '' ? key : `${path}.${key}`, settings, where)
    }
    return
  }
  if (typeof value === 'boolean' && switches.has(path)) {
    settings.set(path, value ? 'on' : 'off')
    return
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    settings.set(path, String(value))
    return
  }
  throw new Fault('MODEL_ANALYSIS_INVALID', `spec.${path} must be a string, number or boolean`, {
    where
  })
}
