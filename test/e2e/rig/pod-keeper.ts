import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '../../../common/json.ts'
import type { ApiClient } from './api-client.ts'

const everyMs = 250

/**
 * Stands in for scheduler and kubelet: marks each pending pod as running and ready, and the pod of a Job as
 * succeeded. Returns a function that stops it.
 */
export function keepPodsRunning(client: ApiClient): () => Promise<void> {
  let isStopped = false
  const loop = async () => {
    while (!isStopped) {
      try {
        const pods = await client.list('/api/v1/pods?fieldSelector=status.phase%3DPending')
        await Promise.all(pods.map(pod => run(client, pod)))
      } catch {
        // The API server may be restarting.
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

async function run(client: ApiClient, pod: JsonObject): Promise<void> {
  const {
    namespace,
    name,
    ownerReferences = []
  } = pod.metadata as {
    readonly namespace: string
    readonly name: string
    readonly ownerReferences?: readonly JsonObject[]
  }
  const isOfJob = ownerReferences.some(({ kind }) => kind === 'Job')
  const at = new Date().toISOString()
  const status = isOfJob ? 'False' : 'True'
  const condition = (type: string) => ({ type, status, lastTransitionTime: at })
  await client.patch(`/api/v1/namespaces/${namespace}/pods/${name}/status`, {
    status: {
      phase: isOfJob ? 'Succeeded' : 'Running',
      startTime: at,
      conditions: ['Initialized', 'ContainersReady', 'Ready'].map(condition)
    }
  })
}
