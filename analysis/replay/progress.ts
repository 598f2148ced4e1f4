import type { ReplayTally } from './tally.ts'

/** How far a replay is. Plain JSON. */
export interface ReplayProgress {
  /** Identifies the labelled set. */
  readonly digest: string
  readonly total: number
  /** Items of the positive class in the whole set. */
  readonly positives: number
  /** Items of the classes that have their own tests; absent in progress of earlier versions. */
  readonly classes?: Readonly<Record<string, number>>
  readonly tally: ReplayTally
  /** Whether no more items are sent. */
  readonly isDone: boolean
}

/** Reads stored progress; undefined before the first items. */
export function readReplayProgress(text: string | null): ReplayProgress | undefined {
  return text === null ? undefined : (JSON.parse(text) as ReplayProgress)
}
