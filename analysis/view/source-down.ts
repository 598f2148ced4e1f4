import type { RunVerdict } from '../judge/verdict.ts'

/** Returns why a source of a run is down; null if none is, and once the run is over. */
export function sourceDown(
  { endedMs }: { readonly endedMs: number | null },
  verdicts: readonly RunVerdict[]
): string | null {
  if (endedMs !== null) return null
  return verdicts.find(({ unavailable }) => unavailable !== undefined)?.unavailable ?? null
}
