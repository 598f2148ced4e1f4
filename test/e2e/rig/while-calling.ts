/**
 * Asks without a pause from several places while `act` goes on; every answer.
 *
 * @throws what `act` throws, or else the first that a question did
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
  // It is awaited when `act` is over.
  calling.catch(() => undefined)
  try {
    await act()
  } finally {
    isOver = true
  }
  await calling
  return answers
}
