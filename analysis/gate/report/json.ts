import { oneLook } from '../gate.ts'
import type { GateReport } from '../gate.ts'

/** Formats the report as JSON: the objectives as `GET /v1/verdict` has them, without evidence over time. */
export function jsonReport({ verdict, reason, rows, objectives }: GateReport): string {
  const shown = objectives.map(objective => ({
    ...objective,
    lnEFail: undefined,
    lnEPass: undefined,
    eventsToVerdict: undefined
  }))
  return `${JSON.stringify({ verdict, reason, rows, interval: oneLook, objectives: shown }, null, 2)}\n`
}
