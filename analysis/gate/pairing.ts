import { Fault } from '../../common/fault.ts'
import type { GateRow } from './gate-row.ts'
import type { GateOptions } from './read-gate-options.ts'

/**
 * Checks that two files are about the same rows in the same order.
 *
 * @throws {Fault} `GATE_PAIRS_INVALID`
 */
export function checkPairing(
  rows: readonly GateRow[],
  against: readonly GateRow[],
  { predictions, against: other = '' }: Pick<GateOptions, 'predictions' | 'against'>
): void {
  if (rows.length !== against.length) {
    throw invalid('the files do not have the same number of rows', {
      found: `${rows.length} rows in ${predictions}, ${against.length} in ${other}`
    })
  }
  const at = rows.findIndex(({ outcome }, index) => outcome.label !== against[index]?.outcome.label)
  if (at === -1) return
  throw invalid('the files are not about the same rows in the same order: their labels differ', {
    where: `${other}: row ${at + 1}`
  })
}

function invalid(
  problem: string,
  details: { readonly found?: string; readonly where?: string }
): Fault {
  return new Fault('GATE_PAIRS_INVALID', problem, {
    ...details,
    expected: 'predictions of the same labelled set by both models'
  })
}
