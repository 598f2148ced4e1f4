import { shortNumber } from '../../judge/sentence.ts'
import type { ObjectiveVerdict } from '../../judge/verdict.ts'
import { nameOfVerdict, oneLook } from '../gate.ts'
import type { GateReport } from '../gate.ts'

/** Formats the report for a comment of a pull request. */
export function markdownReport({ verdict, rows, objectives }: GateReport): string {
  const table = [
    '| objective | verdict | estimate | events | reason |',
    '| --- | --- | --- | --- | --- |',
    ...objectives.map(rowOf)
  ]
  return `**Model gate: ${verdict}** (${rows} rows)\n\n${table.join('\n')}\n\n${oneLook}\n`
}

function rowOf(objective: ObjectiveVerdict): string {
  const { verdict, estimate, events, reason, critical } = objective
  const name = `${nameOfVerdict(objective)}${critical ? '' : ' (not critical)'}`
  const shown = estimate === null ? 'unknown' : shortNumber(estimate)
  const text = reason.slice(`${verdict}: `.length)
  return `| ${[name, verdict, shown, String(events), text].map(cell).join(' | ')} |`
}

function cell(text: string): string {
  return text.replace(/[\\|`<>*_[\]]/g, '\\$&').replace(/\p{Cc}/gu, ' ')
}
