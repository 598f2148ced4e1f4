import { isJsonObject } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { analysisKeys } from '../settings/keys.ts'
import { namesObjective } from '../settings/metric-keys.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import { settingsProblems } from '../settings/read-analysis.ts'
import { isKnownKey, nearestKey } from '../settings/unknown-key.ts'
import type { ManifestFinding } from './finding.ts'

/** Keys that stand alone. Another one may need what a ModelAnalysis gives. */
const aloneKeys = new Set(analysisKeys.map(({ name }) => name).filter(name => name !== 'source'))

/**
 * Finds unknown keys and wrong values.
 *
 * @param field names the field of a key
 * @param more settings that apply too, such as those of the Canary's metrics
 */
export function settingsFindings(
  given: ObjectiveSettings,
  field: (key: string) => string,
  more: ObjectiveSettings = new Map()
): readonly ManifestFinding[] {
  const keys = [...given.keys()]
  const known = new Map([...more, ...given].filter(([key]) => isKnownKey(key)))
  const whole = namesObjective(known.keys())
    ? known
    : new Map([...known].filter(([key]) => aloneKeys.has(key)))
  return [
    ...keys.filter(key => !isKnownKey(key)).map(key => unknownKey(key, field(key))),
    ...settingsProblems(whole).map(problem => wrongValue(problem, field))
  ]
}

function unknownKey(key: string, field: string): ManifestFinding {
  const nearest = nearestKey(key)
  return {
    field,
    problem: 'the objective key is unknown',
    found: JSON.stringify(key),
    ...(nearest === undefined ? {} : { fix: `did you mean ${nearest}?` })
  }
}

/** The fields of problems that begin with their key: `precision.min: found "2", expected ...`. */
function wrongValue(problem: string, field: (key: string) => string): ManifestFinding {
  const [, key, text] = /^([^\s:,]+): (.*)$/s.exec(problem) ?? []
  if (key === undefined || text === undefined) return { field: field(''), problem }
  const [, found, allowed] = /^found (".*"), expected (.*)$/s.exec(text) ?? []
  if (found === undefined || allowed === undefined) return { field: field(key), problem: text }
  return { field: field(key), problem: 'the value cannot be used', found, allowed }
}

/** Reads settings from metadata, as hooks do. Members that are no text, number or boolean are left out. */
export function readSettings(metadata: JsonValue | undefined): ObjectiveSettings {
  const settings = new Map<string, string>()
  for (const [key, value] of isJsonObject(metadata) ? Object.entries(metadata) : []) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      settings.set(key, String(value))
    }
  }
  return settings
}
