import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RotationSettings } from '../../service/certificates/rotation.ts'
import { ask } from './loopback.ts'
import type { Listener } from './loopback.ts'

/** In seconds what is in days elsewhere, so that certificates really end while clients look at them. */
export const quick: RotationSettings = {
  authorityLifetimeMs: 7_000,
  renewBeforeMs: 5_500,
  settleMs: 300,
  leafLifetimeMs: 4_000,
  skewMs: 1_000
}

/** What a load came to. */
export interface Outcome {
  readonly answered: number
  readonly failures: readonly string[]
}

/**
 * Six clients that ask one request after the other until `isOver`: four keep their connections, two
 * shake hands anew each time and verify the certificate fully.
 */
export async function load(
  server: Listener,
  trusted: () => string,
  isOver: () => boolean
): Promise<Outcome> {
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
      await sleep(2)
    }
  }
  await Promise.all([keeping, keeping, keeping, keeping, shaking, shaking].map(client))
  keeping.destroy()
  return { answered, failures }
}
