import type { DispersionSums } from '../statistics/sampling/dispersion.ts'

/** How far a source that is asked has come with one analysis, as the evidence needs it. */
export interface CountedSource {
  /** Everything before it is counted, in milliseconds since 1970. */
  readonly countedUntilMs: number
  /** Of the primary before the run, by counter. */
  readonly history: Readonly<Record<string, DispersionSums>>
  /** What is to be said of a counter: how its numbers are less than exact. */
  readonly notes: Readonly<Record<string, string>>
}

/** The part of a source's stored state that evidence needs. */
export function readCountedSource(state: string): CountedSource {
  return JSON.parse(state) as CountedSource
}
