import { isJsonObject, member, stringifyJson } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import { saysAlready, writeCondition } from '../../service/kubernetes/condition.ts'
import type { Condition } from '../../service/kubernetes/condition.ts'
import type { RunVerdict } from '../judge/verdict.ts'
import type { LiveRun } from '../run/rollouts.ts'
import type { AnalysisReading } from './analysis-book.ts'

/** Returns `status.run` for the newest run. */
export function runStatus({ row }: Pick<LiveRun, 'row'>, verdict: RunVerdict): JsonObject {
  return {
    number: row.number,
    checksum: row.checksum,
    startedAt: new Date(row.startedMs).toISOString(),
    verdict: verdict.verdict,
    reason: verdict.reason,
    ...(verdict.settledBy !== undefined && { settledBy: verdict.settledBy })
  }
}

/**
 * Returns the whole status to write on a ModelAnalysis; undefined if the object has it already. While the
 * run is unknown, after a restart, the written one stays.
 */
export function analysisStatus(
  { body }: ApiObject,
  reading: AnalysisReading,
  { run, now }: { readonly run: JsonObject | undefined; readonly now: Date }
): JsonObject | undefined {
  const last = member(body, 'status')
  const lastRun = member(last, 'run')
  const shown = run ?? (isJsonObject(lastRun) ? lastRun : undefined)
  const condition = readyCondition(reading)
  const conditions = member(last, 'conditions')
  if (saysAlready(condition, conditions) && isSame(shown, lastRun)) return undefined
  return {
    observedGeneration: condition.observedGeneration,
    conditions: [writeCondition(condition, conditions, now)],
    ...(shown !== undefined && { run: shown })
  }
}

function readyCondition({ object, fault, isGood }: AnalysisReading): Condition {
  const observedGeneration = object.generation ?? 0
  const common = { type: 'Ready', observedGeneration } as const
  if (fault === undefined) {
    return { ...common, status: 'True', reason: 'Accepted', message: 'the objectives are in use' }
  }
  const then = isGood
    ? 'The last good objectives stay in use.'
    : 'Every hook that needs them is refused.'
  return { ...common, status: 'False', reason: 'Invalid', message: `${fault.message}\n${then}` }
}

function isSame(a: JsonObject | undefined, b: ReturnType<typeof member>): boolean {
  const text = (value: ReturnType<typeof member>) =>
    stringifyJson(value ?? null, { sortKeys: true })
  return text(a) === text(b)
}
