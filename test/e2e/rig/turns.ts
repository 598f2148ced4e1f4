/**
 * Does something with each of them: they begin in their order, and the next one whenever one has ended.
 *
 * @param atOnce how many go on at the same time at most
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
