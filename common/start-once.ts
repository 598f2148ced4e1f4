/**
 * Returns a function that starts some work when it is first called, and returns the same promise each time.
 * A caller may start the work early: if nobody waits for it, its error is dropped.
 */
export function startOnce<Result>(start: () => Promise<Result>): () => Promise<Result> {
  let started: Promise<Result> | undefined
  return () => {
    started ??= start()
    started.catch(() => undefined)
    return started
  }
}
