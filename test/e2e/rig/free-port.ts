import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below what the kernel hands out to outgoing connections: none of those takes it in the meantime. */
const [firstPort, portCount] = [20_000, 12_000] as const
const attempts = 200

const given = new Set<number>()

/** A port of the loopback that nobody listens on at this moment, and that was not given before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = firstPort + Math.floor(Math.random() * portCount)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
  throw new Error(`no port of ${attempts} tried is free`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
