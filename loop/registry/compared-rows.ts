import type { JsonObject } from '../../common/json.ts'
import type { ComparedRow } from '../text/bodies.ts'
import { specText } from './entry.ts'

const fields: readonly (readonly [string, ...string[]])[] = [
  ['version', 'version'],
  ['trained commit', 'gitCommit'],
  ['model digest', 'modelDigest'],
  ['artifact', 'artifactPath'],
  ['artifact digest', 'artifactDigest'],
  ['training run', 'run', 'id'],
  ['data', 'training', 'dataset', 'name'],
  ['data digest', 'training', 'dataset', 'digest'],
  ['precision', 'metrics', 'precision'],
  ['recall', 'metrics', 'recall'],
  ['F1', 'metrics', 'f1'],
  ['accuracy', 'metrics', 'accuracy'],
  ['p99 in ms', 'metrics', 'latencyMs', 'p99']
]

/** What a person compares before and after: rows without a value on either side are left out. */
export function comparedRows(
  before: JsonObject | undefined,
  after: JsonObject
): readonly ComparedRow[] {
  return fields
    .map(([name, ...path]) => ({
      name,
      before: oneLine(specText(before, ...path)),
      after: oneLine(specText(after, ...path))
    }))
    .filter(row => row.before !== '' || row.after !== '')
}

/** A bar would end a cell of the table. */
function oneLine(text = ''): string {
  return text.replace(/[\p{Cc}\u2028\u2029|]/gu, ' ').slice(0, 300)
}
