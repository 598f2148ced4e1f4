import { editDistance } from '../../common/edit-distance.ts'
import { listNames } from '../../common/fault.ts'
import { analysisKeys, metricKeys } from './keys.ts'
import { metrics } from './metric.ts'
import { metricKeyNames, metricOfKey } from './metric-keys.ts'
import { sourceKeys } from './source-keys.ts'

/** Keys of a hook's metadata that tell runs apart, and are not objective settings. */
const callKeys = ['attempt', 'phase']

/** Full names of every key. */
export const knownKeys: ReadonlySet<string> = new Set([
  ...metricKeyNames,
  ...[...analysisKeys, ...sourceKeys].map(({ name }) => name)
])

/** Whether settings may have a key. */
export function isKnownKey(key: string): boolean {
  return knownKeys.has(key) || callKeys.includes(key) || metricOfKey(key) !== undefined
}

/** Describes unknown keys, with guesses and the known keys; families of keys are shortened to patterns. */
export function unknownKeyProblem(unknown: readonly string[]): string {
  const guesses = unknown.slice(0, 3).flatMap(key => nearestKey(key) ?? [])
  const guess = guesses.length === 0 ? '' : ` (did you mean ${guesses.join(', ')}?)`
  const families = ['prometheus', 'replay', 'baseline']
  const sources = families.flatMap(family => {
    const isMeant = unknown.some(key => key.startsWith(`${family}.`))
    const members = sourceKeys.map(({ name }) => name).filter(name => name.startsWith(family))
    return isMeant ? members : [`${family}.*`]
  })
  const known = [
    ...metricKeys.map(({ name }) => name),
    ...analysisKeys.map(({ name }) => name),
    ...sources
  ]
  return `unknown key ${listNames(unknown, 3)}${guess}; known: ${known.join(', ')}; metrics: ${metrics.join(', ')}, latency.NAME.p99, score.NAME`
}

/** Returns the known key that a misspelt one most probably is; undefined if none is near. */
export function nearestKey(key: string): string | undefined {
  if (key.length > 40) return undefined
  const lower = key.toLowerCase().replaceAll('_', '-')
  return [...knownKeys]
    .map(known => ({ known, distance: editDistance(lower, known) }))
    .filter(({ distance }) => distance <= 3)
    .sort((a, b) => a.distance - b.distance)[0]?.known
}
