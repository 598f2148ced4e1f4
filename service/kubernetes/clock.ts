import { setTimeout as sleepFor } from 'node:timers/promises'

/** Time and chance for loops that retry. */
export interface Clock {
  /** Milliseconds of a clock that never goes back; their origin is arbitrary. */
  readonly nowMs: () => number
  /** Waits; ends early, without an error, when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** In [0, 1). */
  readonly random: () => number
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleepFor(ms, undefined, { signal, ref: false }).catch(() => undefined)
  },
  random: () => Math.random()
}

const firstPauseMs = 800
const longestPauseMs = 30_000

/**
 * How long to wait after `failures` failed attempts in a row, in milliseconds: the longest pause doubles
 * each time up to half a minute, and chance takes up to half of it, so that replicas do not retry together.
 */
export function pauseMs(failures: number, random: () => number): number {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, failures - 1))
  return longest / 2 + (random() * longest) / 2
}
