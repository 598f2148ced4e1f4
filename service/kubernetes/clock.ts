import { setTimeout as sleepFor } from 'node:timers/promises'

/** Time and chance for what tries again and again. */
export interface Clock {
  /** Milliseconds that never go back; where they begin says nothing. */
  readonly nowMs: () => number
  /** Waits; ends early, without a word, when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** In [0, 1). */
  readonly random: () => number
}

/** The machine's own. */
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
 * How long to wait after `failures` attempts in a row went wrong, in milliseconds: doubled each time to
 * half a minute, then anything from a half to the whole of it, so that replicas do not come together.
 */
export function pauseMs(failures: number, random: () => number): number {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, failures - 1))
  return longest / 2 + (random() * longest) / 2
}
