import { createHash } from 'node:crypto'

const namesOnly = new Set(['model', 'commit'])

/**
 * Names a notation by what decides verdicts, whatever the order of its keys: the first 16 hexadecimal
 * digits of its SHA-256.
 */
export function digestOf(notation: ReadonlyMap<string, string>): string {
  const sorted = [...notation]
    .filter(([key]) => !namesOnly.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16)
}
