/** What decides who may run at the same time. */
export interface Turn {
  /** It restarts the API server or takes away what others use. */
  readonly isAlone?: true
  /** What only one at a time can have. */
  readonly claims?: readonly string[]
}

/**
 * Does something with each of them, in their order as far as they do not get in one another's way.
 *
 * @param atOnce how many go on at the same time at most
 */
export async function takeTurns<T extends Turn>(
  all: readonly T[],
  atOnce: number,
  run: (each: T) => Promise<void>
): Promise<void> {
  const waiting = [...all]
  const running = new Map<T, Promise<unknown>>()
  while (waiting.length > 0 || running.size > 0) {
    const next = indexOfNext(waiting, [...running.keys()])
    if (next >= 0 && running.size < atOnce) {
      const [each] = waiting.splice(next, 1) as [T]
      running.set(
        each,
        run(each).finally(() => running.delete(each))
      )
    } else await Promise.race(running.values())
  }
}

/** Nobody overtakes one that has to be alone, or it would be last. */
function indexOfNext(waiting: readonly Turn[], running: readonly Turn[]): number {
  const next = waiting.findIndex(each => running.every(other => !collide(each, other)))
  const alone = waiting.findIndex(({ isAlone }) => isAlone === true)
  return alone >= 0 && next > alone ? -1 : next
}

function collide(one: Turn, other: Turn): boolean {
  if (one.isAlone === true || other.isAlone === true) return true
  return one.claims?.some(claim => other.claims?.includes(claim)) ?? false
}
