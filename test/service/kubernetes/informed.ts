import type { Test } from 'tap'
import { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { Informer } from '../../../service/kubernetes/informer.ts'
import type { InformerOptions } from '../../../service/kubernetes/informer.ts'
import type { ObjectChange } from '../../../service/kubernetes/object-store.ts'
import { createLogger } from '../../../service/log.ts'
import { until } from '../loopback.ts'
import { startFakeApiServer } from './fake-api-server.ts'
import type { FakeApiServer } from './fake-api-server.ts'
import { calmTimes, connectionTo, fastClock, modelPolicies } from './served.ts'

/** A server with two policies, and an informer that has not started. */
export async function prepare(t: Test, more: Partial<InformerOptions> = {}) {
  const server = await startFakeApiServer(t, { resources: [modelPolicies] })
  server.put('modelpolicies', policy('a'))
  server.put('modelpolicies', policy('b'))
  const warnings: string[] = []
  const informer = new Informer({
    client: new ApiClient(connectionTo(server), 'mlgitops/test'),
    resource: modelPolicies,
    times: calmTimes,
    clock: fastClock,
    logger: createLogger({
      level: 'warn',
      write: line => {
        const { message, reason } = JSON.parse(line) as Record<string, string>
        warnings.push(`${message}: ${reason}`)
      },
      now: () => 0
    }),
    ...more
  })
  t.teardown(() => informer.stop())
  const reported: string[] = []
  informer.subscribe(changes => reported.push(changes.map(word).join(' ')))
  return { server, informer, reported, warnings }
}

/** A policy as a user writes it. */
export function policy(name: string, image = 'one') {
  return {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'ModelPolicy',
    metadata: { name },
    spec: { image }
  }
}

function word({ kind, object }: ObjectChange): string {
  return `${kind}:${object.name}`
}

/** The names in the cache. */
export function names(informer: Informer): string {
  return informer
    .list()
    .map(({ name }) => name)
    .sort()
    .join(' ')
}

/** Starts the informer and waits for its watch. */
export async function synced({ server, informer }: { server: FakeApiServer; informer: Informer }) {
  informer.start()
  await until(() => server.watches.count === 1)
}
