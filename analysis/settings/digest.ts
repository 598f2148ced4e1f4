import { createHash } from 'node:crypto'
import type { ObjectiveSettings } from './objective-settings.ts'

const namesOnly = new Set(['model', 'commit', 'digest', 'attempt', 'phase'])

/**
 * Identifies objective settings by what decides verdicts, in any order of keys: the first 16 hexadecimal
 * digits of their SHA-256.
 */
export function digestOf(settings: ObjectiveSettings): string {
  const sorted = [...settings]
    .filter(([key]) => !namesOnly.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16)
}
