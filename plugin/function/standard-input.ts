import { readSync } from 'node:fs'

const descriptor = 0
const chunkBytes = 256 * 1024

/**
 * Reads the whole standard input. It reads synchronously, because Node's stream takes ten milliseconds
 * to load; the stream is used only if a non-blocking pipe is empty.
 */
export async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = []
  for (;;) {
    const chunk = Buffer.allocUnsafe(chunkBytes)
    let count
    try {
      count = readSync(descriptor, chunk)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      for await (const rest of process.stdin) chunks.push(rest as Buffer)
      count = 0
    }
    if (count === 0) return Buffer.concat(chunks).toString('utf8')
    chunks.push(chunk.subarray(0, count))
  }
}
