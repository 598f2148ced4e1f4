import { writeSync } from 'node:fs'

/** The file descriptors of standard output and standard error. */
export const descriptors = { stdout: 1, stderr: 2 } as const

/**
 * Writes all of a text before it returns. Node's streams would take a short command longer than all its
 * other work; they are used only when a non-blocking pipe is full.
 *
 * @returns whether all of it is written; Node writes the rest before the process ends by itself
 */
export function print(stream: 'stdout' | 'stderr', text: string): boolean {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(descriptors[stream], bytes, at)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN') process[stream].write(bytes.subarray(at))
      // A reader such as `head` may close the pipe early.
      else process.exitCode = 1
      return code !== 'EAGAIN'
    }
  }
  return true
}
