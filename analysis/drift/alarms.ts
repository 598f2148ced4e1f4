/** The alarms of one statistic. Plain JSON. */
export interface Alarms {
  readonly alarms: number
  readonly lastAlarmMs: number | null
  /** The last alarm by a reference that need not be of the same hour and day of the week. */
  readonly provisionalMs?: number
}

/** No alarm yet. */
export const noAlarms: Alarms = { alarms: 0, lastAlarmMs: null }

const weekMs = 7 * 86_400_000

/**
 * Counts an alarm. Until a statistic knows the hours of a whole week, its rhythm can look like a drift: then one alarm
 * a week is enough.
 */
export function countAlarm(
  known: Alarms,
  at: { readonly isAlarm: boolean; readonly isProvisional: boolean; readonly endMs: number }
): Alarms {
  const { alarms, lastAlarmMs, provisionalMs } = known
  const kept = provisionalMs === undefined ? {} : { provisionalMs }
  const isRepeated =
    at.isProvisional && provisionalMs !== undefined && at.endMs < provisionalMs + weekMs
  if (!at.isAlarm || isRepeated) return { alarms, lastAlarmMs, ...kept }
  return {
    alarms: alarms + 1,
    lastAlarmMs: at.endMs,
    ...(at.isProvisional ? { provisionalMs: at.endMs } : kept)
  }
}
