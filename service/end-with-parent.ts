import { Worker } from 'node:worker_threads'

// The kernel closes the other end of standard input when the parent is gone, however it went.
const watch = `
  require('node:fs').readSync(0, Buffer.alloc(1))
  process.kill(process.pid, 'SIGKILL')
`

/**
 * Ends this process when its parent is gone, whose end of our standard input is a pipe. A thread watches
 * for that, since this one may be kept busy for ever by what others wrote. A signal to the whole group, as
 * Ctrl-C sends it, is left to the parent, which drains first.
 */
export function endWithParent(): void {
  const watching = new Worker(watch, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8 } })
  // A thread that cannot watch is no better than a parent that is gone.
  watching.on('error', () => process.kill(process.pid, 'SIGKILL'))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
}
