import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RotationSettings } from '../../service/certificates/rotation.ts'
import { ask } from './loopback.ts'
import type { Listener } from './loopback.ts'

/**
 * Seconds instead of days, so that certificates expire while clients use them. A handshake on a busy machine
 * takes less than the time to settle.
 */
export const quick: RotationSettings = {
  authorityLifetimeMs: 9_000,
  renewBeforeMs: 7_500,
  settleMs: 1_500,
  leafLifetimeMs: 4_000,
  skewMs: 1_000
}

/** Clients that learn of a bundle a tenth of a second after it is published. */
export class LateClients {
  /** The bundle that they verify servers with. */
  trusted: string

  constructor(bundle: string) {
    this.trusted = bundle
  }

  learn(bundle: string): void {
    setTimeout(() => (this.trusted = bundle), 100)
  }
}

/** The result of a load. */
export interface LoadResult {
  readonly answered: number
  readonly failures: readonly string[]
}

/** How many clients keep their connections, how many make a handshake for each request, and their pauses. */
export interface LoadSize {
  readonly keeping: number
  readonly shaking: number
  readonly pauseMs: number
}

const six: LoadSize = { keeping: 4, shaking: 2, pauseMs: 2 }

/**
 * Runs clients, six by default, that send one request after the other until `isOver`. Some keep their
 * connections, some make a handshake and verify the certificate for each request.
 */
export async function load(
  server: Listener,
  trusted: () => string,
  isOver: () => boolean,
  size = six
): Promise<LoadResult> {
  let answered = 0
  const failures: string[] = []
  const keeping = new https.Agent({ keepAlive: true })
  const shaking = new https.Agent({ keepAlive: false, maxCachedSessions: 0 })
  const client = async (agent: https.Agent) => {
    for (let i = 0; !isOver(); i += 1) {
      const body = `{"n":${i}}`
      const sent = { method: 'POST', path: '/echo', body, agent, ca: trusted() }
      try {
        const reply = await ask(server, sent)
        if (reply.status === 200 && reply.body === body) answered += 1
        else failures.push(`${reply.status} ${reply.body}`)
      } catch (error) {
        failures.push((error as NodeJS.ErrnoException).code ?? String(error))
      }
      await sleep(size.pauseMs)
    }
  }
  const agents = [
    ...Array.from({ length: size.keeping }, () => keeping),
    ...Array.from({ length: size.shaking }, () => shaking)
  ]
  await Promise.all(agents.map(client))
  keeping.destroy()
  return { answered, failures }
}
