import type { Measures } from '../counter/outcome.ts'

/** A score and when it arrived, in milliseconds since 1970. */
export type StoredScore = readonly [score: number, atMs: number]

/** What is stored of the numbers that events have besides a class. Plain JSON. */
export interface StoredMeasures {
  readonly score?: number
  readonly scores?: Readonly<Record<string, StoredScore>>
  readonly latenciesMs?: Readonly<Record<string, number>>
  readonly tokensPerSecond?: number
}

/** Scores that changed, and whether one of them replaces another value. */
export interface ScoreChanges {
  readonly measures: StoredMeasures | null
  readonly isChanged: boolean
  readonly isCorrected: boolean
}

/** Adds scores that arrive at `nowMs`. A score that is already stored keeps its time. */
export function addScores(
  known: StoredMeasures | null,
  given: Measures['scores'],
  nowMs: number
): ScoreChanges {
  const before = new Map(Object.entries(known?.scores ?? {}))
  const changed = Object.entries(given ?? {}).filter(
    ([name, score]) => before.get(name)?.[0] !== score
  )
  if (changed.length === 0) return { measures: known, isChanged: false, isCorrected: false }
  const isCorrected = changed.some(([name]) => before.has(name))
  for (const [name, score] of changed) before.set(name, [score, nowMs])
  const measures = { ...known, scores: Object.fromEntries(before) }
  return { measures, isChanged: true, isCorrected }
}

/** Returns what counters count of the scores that had arrived by a time; undefined if there is nothing. */
export function measuresAt(
  stored: StoredMeasures | null,
  byMs = Number.POSITIVE_INFINITY
): Measures | undefined {
  if (stored === null) return undefined
  const { scores: all = {}, ...rest } = stored
  const arrived = Object.entries(all).filter(([, [, atMs]]) => atMs <= byMs)
  const scores = Object.fromEntries(arrived.map(([name, [value]]) => [name, value]))
  return arrived.length === 0 ? rest : { ...rest, scores }
}

/** Marks scores of a row that is kept only in case that another ID is meant, or takes the mark back. */
export function withTurnedTimes(stored: StoredMeasures | null): StoredMeasures | null {
  if (stored?.scores === undefined) return stored
  const scores = Object.entries(stored.scores).map(
    ([name, [score, atMs]]) => [name, [score, -atMs]] as const
  )
  return { ...stored, scores: Object.fromEntries(scores) }
}

/** Whether scores have the mark of {@link withTurnedTimes}. */
export function areTimesTurned(stored: StoredMeasures | null): boolean {
  return Object.values(stored?.scores ?? {}).some(([, atMs]) => atMs < 0)
}
