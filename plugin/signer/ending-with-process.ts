const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Calls an action that is aborted when a signal ends this process, because a program in a process group of
 * its own does not receive it. Then the process ends by the signal, as without this.
 */
export async function endingWithProcess<Result>(
  action: (signal: AbortSignal) => Promise<Result>
): Promise<Result> {
  const controller = new AbortController()
  const listeners = signals.map(name => {
    const listener = () => {
      controller.abort()
      stopListening()
      process.kill(process.pid, name)
    }
    process.once(name, listener)
    return [name, listener] as const
  })
  const stopListening = () => {
    for (const [name, listener] of listeners) process.removeListener(name, listener)
  }
  try {
    return await action(controller.signal)
  } finally {
    stopListening()
  }
}
