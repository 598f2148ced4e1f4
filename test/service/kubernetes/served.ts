import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../../service/kubernetes/clock.ts'
import type { Connection } from '../../../service/kubernetes/connection.ts'
import type { InformerTimes } from '../../../service/kubernetes/informer.ts'
import type { FakeApiServer } from './fake-api-server.ts'
import type { ServedResource } from './fake-storage.ts'

export const modelPolicies: ServedResource = {
  group: 'mlgitops.io',
  version: 'v1alpha1',
  plural: 'modelpolicies',
  kind: 'ModelPolicy',
  isNamespaced: false
}

export const namespaces: ServedResource = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  isNamespaced: false
}

export const secrets: ServedResource = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  isNamespaced: true
}

export const configurations: ServedResource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  isNamespaced: false
}

/** A connection over HTTP to a fake server. */
export function connectionTo({ url }: Pick<FakeApiServer, 'url'>): Connection {
  const agent = new http.Agent({ keepAlive: true })
  return {
    server: new URL(url),
    namespace: 'mlgitops-system',
    credentials: () => Promise.resolve({ authorization: undefined, agent }),
    expire: () => undefined,
    close: () => {
      agent.destroy()
    }
  }
}

/** Real time, but pauses are a hundredth as long and chance is always the same. */
export const fastClock: Clock = {
  nowMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms / 100, undefined, { signal }).catch(() => undefined)
  },
  random: () => 0.5
}

/** Time that runs a hundred times as fast. */
export const hastyClock: Clock = { ...fastClock, nowMs: () => performance.now() * 100 }

/** Time that runs ten times as fast: a busy machine that stops for half a second ends no Lease. */
export const briskClock: Clock = {
  ...fastClock,
  nowMs: () => performance.now() * 10,
  sleep: async (ms, signal) => {
    await sleep(ms / 10, undefined, { signal }).catch(() => undefined)
  }
}

/** Long enough that no relist, end of a watch or staleness comes during a test. */
export const calmTimes: InformerTimes = {
  relistMs: 3_600_000,
  watchMs: 3_600_000,
  silenceMs: 3_600_000,
  staleMs: 3_600_000
}
