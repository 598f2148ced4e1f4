/**
 * Runs a task for each item, started in their order; the next one starts when one has ended.
 *
 * @param atOnce how many run at the same time at most
 */
export async function takeTurns<T>(
  all: readonly T[],
  atOnce: number,
  run: (each: T) => Promise<void>
): Promise<void> {
  const waiting = all.values()
  const lane = async () => {
    for (const each of waiting) await run(each)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}
