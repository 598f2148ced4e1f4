import { setTimeout as sleep } from 'node:timers/promises'
import { member } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import type { ApiClient } from '../rig/api-client.ts'

const everyMs = 500

/** The conditions that Tekton and KServe write for a successful object. */
const conditions = [
  {
    list: '/apis/tekton.dev/v1/pipelineruns',
    plural: 'pipelineruns',
    prefix: '/apis/tekton.dev/v1',
    type: 'Succeeded'
  },
  {
    list: '/apis/serving.kserve.io/v1beta1/inferenceservices',
    plural: 'inferenceservices',
    prefix: '/apis/serving.kserve.io/v1beta1',
    type: 'Ready'
  }
] as const

/** Replaces the operators that do not run here: Argo CD waits for their conditions before it continues. */
export function actAsOperators(client: ApiClient): () => Promise<void> {
  let isStopped = false
  const loop = async () => {
    while (!isStopped) {
      try {
        for (const condition of conditions) await settle(client, condition)
      } catch {
        // The API server may be starting or stopping.
      }
      await sleep(everyMs)
    }
  }
  const looping = loop()
  return async () => {
    isStopped = true
    await looping
  }
}

async function settle(
  client: ApiClient,
  { list, plural, prefix, type }: (typeof conditions)[number]
): Promise<void> {
  for (const object of await client.list(list)) {
    if (member(object.status, 'conditions') !== undefined) continue
    const { namespace, name } = object.metadata as JsonObject & Record<'namespace' | 'name', string>
    const lastTransitionTime = new Date().toISOString()
    const condition = { type, status: 'True', reason: 'Succeeded', lastTransitionTime }
    const at = `${prefix}/namespaces/${namespace}/${plural}/${name}`
    const status = { conditions: [condition], modelStatus: { transitionStatus: 'UpToDate' } }
    // Some definitions have no sub-resource status.
    const answer = await client.patch(`${at}/status`, { status })
    if (answer.status === 404) await client.patch(at, { status })
  }
}
