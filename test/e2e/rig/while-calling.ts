/** Asks without a pause from several places while `act` goes on; every answer. */
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
  try {
    await act()
  } finally {
    isOver = true
    await calling
  }
  return answers
}
