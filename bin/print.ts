import { writeSync } from 'node:fs'

/** The file descriptors of standard output and standard error. */
export const descriptors = { stdout: 1, stderr: 2 } as const

/**
 * Writes text to its end before it returns. Node's own streams would cost a short command more time
 * than it takes for all else; they take over where a pipe is full and does not wait.
 */
export function print(stream: 'stdout' | 'stderr', text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(descriptors[stream], bytes, at)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN') process[stream].write(bytes.subarray(at))
      // A reader such as `head` may leave early.
      else process.exitCode = 1
      return
    }
  }
}
