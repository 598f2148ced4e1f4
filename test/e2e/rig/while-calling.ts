/**
 * Calls `ask` without a pause from several callers while `act` runs; returns every answer.
 *
 * @throws what `act` throws, otherwise the first error of a call
 */
export async function whileCalling<T>(
  callers: number,
  ask: () => Promise<T>,
  act: () => Promise<void>
): Promise<readonly T[]> {
  const answers: T[] = []
  let isOver = false
  const caller = async () => {
    while (!isOver) answers.push(await ask())
  }
  const calling = Promise.all(Array.from({ length: callers }, caller))
  // It is awaited once `act` has ended.
  calling.catch(() => undefined)
  try {
    await act()
  } finally {
    isOver = true
  }
  await calling
  return answers
}
