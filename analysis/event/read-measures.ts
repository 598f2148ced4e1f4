import { isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { Measures } from '../counter/outcome.ts'
import type { Refused } from './message.ts'

const maxScores = 32
/** The form of NAME in `score.NAME.min`. */
const nameForm = /^[a-z0-9][a-z0-9_-]{0,62}$/i

/** Reads the numbers of a prediction besides its class. `score` is any number: more is more positive. */
export function readMeasures(data: JsonObject): Measures | Refused {
  const score = member(data, 'score') ?? undefined
  if (score !== undefined && !isFiniteNumber(score)) {
    return { refused: 'score must be a finite number' }
  }
  const scores = readScores(data)
  return score === undefined || 'refused' in scores ? scores : { score, ...scores }
}

/** Reads scores by name. A score that is null is not there. */
export function readScores(data: JsonObject): Pick<Measures, 'scores'> | Refused {
  const value = member(data, 'scores')
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value)) return { refused: 'scores must be an object of names and numbers' }
  const given = Object.entries(value).filter(([, score]) => score !== null)
  if (given.length > maxScores) return { refused: `scores may have at most ${maxScores} names` }
  const scores: [string, number][] = []
  for (const [name, score] of given) {
    if (!nameForm.test(name)) {
      const shown = JSON.stringify(name.slice(0, 40))
      return {
        refused: `scores has the name ${shown}, expected 1 to 63 letters, digits, - and _ that start with a letter or digit`
      }
    }
    if (!isFiniteNumber(score) || score < 0 || score > 1) {
      return { refused: `scores.${name} must be a number from 0 to 1` }
    }
    scores.push([name, score])
  }
  return given.length === 0 ? {} : { scores: Object.fromEntries(scores) }
}

function isFiniteNumber(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
