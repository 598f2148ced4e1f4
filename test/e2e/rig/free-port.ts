import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the kernel's ephemeral ports, so that no outgoing connection takes the port in the meantime. */
const [firstPort, portCount] = [20_000, 12_000] as const
const attempts = 200

const given = new Set<number>()

/** Returns a loopback port without a listener that was not returned before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = firstPort + Math.floor(Math.random() * portCount)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
  throw new Error(`none of ${attempts} ports is free`)
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
