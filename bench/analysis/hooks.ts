import { objectives } from './build-state.ts'
import type { Client } from './client.ts'

/** Calls the rollout hook of one rollout. @returns the milliseconds that it took */
export function callHook(client: Client, index: number): Promise<number> {
  const call = { name: `model-${index}`, namespace: 'ml', phase: 'Progressing', checksum: 'c' }
  return client.post(
    '/webhook/rollout',
    'application/json',
    JSON.stringify({ ...call, metadata: objectives })
  )
}
