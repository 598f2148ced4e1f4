import { oneLook } from '../gate.ts'
import type { GateReport } from '../gate.ts'

/** Formats the report for people: an objective on each line, then the verdict. */
export function textReport({ verdict, rows, objectives }: GateReport): string {
  const lines = objectives.map(({ reason, critical }) =>
    critical ? reason : `${reason} (not critical)`
  )
  return `${lines.join('\n')}\n${verdict}: ${rows} rows. ${oneLook}\n`
}
