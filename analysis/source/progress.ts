import type { DispersionSums } from '../statistics/sampling/dispersion.ts'

/** How far a source has been read for one analysis. */
export interface CountedSource {
  /** Everything before it is counted, in milliseconds since 1970. */
  readonly countedUntilMs: number
  /** The primary's dispersion before the run, by counter. */
  readonly history: Readonly<Record<string, DispersionSums>>
  /** How the numbers of a counter are inexact, by counter. */
  readonly notes: Readonly<Record<string, string>>
}

/** Reads the part of a source's stored state that evidence needs. */
export function readCountedSource(state: string): CountedSource {
  return JSON.parse(state) as CountedSource
}
