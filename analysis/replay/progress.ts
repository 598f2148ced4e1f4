import type { ReplayTally } from './tally.ts'

/** How far a replay has come. Plain JSON. */
export interface ReplayProgress {
  /** Of the labelled set. */
  readonly digest: string
  readonly total: number
  /** Items of the positive class in the whole set. */
  readonly positives: number
  readonly tally: ReplayTally
  /** Nothing more is sent. */
  readonly isDone: boolean
}

/** As it was stored; undefined before the first items. */
export function readReplayProgress(text: string | null): ReplayProgress | undefined {
  return text === null ? undefined : (JSON.parse(text) as ReplayProgress)
}
