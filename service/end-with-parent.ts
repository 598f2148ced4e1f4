import { Worker } from 'node:worker_threads'

// The kernel closes the other end of standard input when the parent ends, however it ends.
const watch = `
  require('node:fs').readSync(0, Buffer.alloc(1))
  process.kill(process.pid, 'SIGKILL')
`

/**
 * Ends this process when its parent ends; our standard input must be a pipe from the parent. A worker
 * thread watches the pipe, because untrusted input may keep the main thread busy for ever. SIGINT and
 * SIGTERM, which Ctrl-C sends to the whole process group, are ignored: the parent drains first.
 */
export function endWithParent(): void {
  const watching = new Worker(watch, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8 } })
  // Without the watch nothing would end this process.
  watching.on('error', () => process.kill(process.pid, 'SIGKILL'))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
}
