import type { CountingRules } from '../counter/count-outcome.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { RunRow } from '../store/store.ts'

/** Returns how predictions of a run count. */
export function rulesOf(
  { row }: { readonly row: RunRow },
  { positive, tolerance, errorCap, responseTimeoutMs, warmupMs }: Analysis
): CountingRules {
  return {
    positive,
    tolerance,
    errorCap,
    responseTimeoutMs,
    warmUntilMs: row.startedMs + warmupMs,
    cuts: row.facts.cuts ?? undefined
  }
}
