import { setTimeout as sleep } from 'node:timers/promises'

/** Only a condition that never holds takes so long, even on a busy machine. */
const limitMs = 60_000
const everyMs = 5

/**
 * Waits until a condition holds.
 *
 * @throws {Error} with the condition's source if it does not hold within a minute
 */
export async function eventually(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadlineMs = performance.now() + limitMs
  while (!(await condition())) {
    if (performance.now() > deadlineMs) {
      throw new Error(`not within ${limitMs / 1_000} s: ${condition.toString()}`)
    }
    await sleep(everyMs)
  }
}
