import { isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { Measures } from '../counter/outcome.ts'
import type { Refused } from './message.ts'

const maxNames = 32
const maxLatencyMs = 86_400_000
/** The form of NAME in `score.NAME.min` and `latency.NAME.p95.max`. */
const nameForm = /^[a-z0-9][a-z0-9_-]{0,62}$/i

/** Reads the numbers of a prediction besides its class. `score` is any number: more is more positive. */
export function readMeasures(data: JsonObject): Measures | Refused {
  const score = member(data, 'score') ?? undefined
  if (score !== undefined && !isFiniteNumber(score)) {
    return { refused: 'score must be a finite number' }
  }
  const speed = readSpeed(data)
  if ('refused' in speed) return speed
  const scores = readScores(data)
  if ('refused' in scores) return scores
  const latenciesMs = readNamed(data, 'latenciesMs', { most: maxLatencyMs })
  if (latenciesMs !== undefined && 'refused' in latenciesMs) return latenciesMs
  return {
    ...(score === undefined ? {} : { score }),
    ...speed,
    ...(latenciesMs === undefined ? {} : { latenciesMs: latenciesMs.values }),
    ...scores
  }
}

function readSpeed(data: JsonObject): Pick<Measures, 'tokensPerSecond'> | Refused {
  const tokensPerSecond = member(data, 'tokensPerSecond') ?? undefined
  if (tokensPerSecond === undefined) return {}
  return isFiniteNumber(tokensPerSecond) && tokensPerSecond >= 0
    ? { tokensPerSecond }
    : { refused: 'tokensPerSecond must be a number of at least 0' }
}

/** Reads scores by name. A score that is null is not there. */
export function readScores(data: JsonObject): Pick<Measures, 'scores'> | Refused {
  const scores = readNamed(data, 'scores', { most: 1 })
  if (scores === undefined || 'refused' in scores) return scores ?? {}
  return { scores: scores.values }
}

/** Reads numbers from 0 to `most` by name. One that is null is not there. */
function readNamed(
  data: JsonObject,
  field: 'scores' | 'latenciesMs',
  { most }: { readonly most: number }
): { readonly values: Readonly<Record<string, number>> } | Refused | undefined {
  const value = member(data, field)
  if (value === undefined || value === null) return undefined
  if (!isJsonObject(value)) return { refused: `${field} must be an object of names and numbers` }
  const given = Object.entries(value).filter(([, number]) => number !== null)
  if (given.length > maxNames) return { refused: `${field} may have at most ${maxNames} names` }
  const values: [string, number][] = []
  for (const [name, number] of given) {
    if (!nameForm.test(name)) {
      const shown = JSON.stringify(name.slice(0, 40))
      return {
        refused: `${field} has the name ${shown}, expected 1 to 63 letters, digits, - and _ that start with a letter or digit`
      }
    }
    if (!isFiniteNumber(number) || number < 0 || number > most) {
      return { refused: `${field}.${name} must be a number from 0 to ${most}` }
    }
    values.push([name, number])
  }
  return given.length === 0 ? undefined : { values: Object.fromEntries(values) }
}

function isFiniteNumber(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
