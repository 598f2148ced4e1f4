import type { Test } from 'tap'
import { canaries } from '../../analysis/cluster/canaries.ts'
import { ClusterObjectives, modelAnalyses } from '../../analysis/cluster/cluster-objectives.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { ApiClient } from '../../service/kubernetes/api-client.ts'
import { createLogger } from '../../service/log.ts'
import type { Logger } from '../../service/log.ts'
import { startFakeApiServer } from '../service/kubernetes/fake-api-server.ts'
import type { FakeApiServer } from '../service/kubernetes/fake-api-server.ts'
import { calmTimes, connectionTo, hastyClock } from '../service/kubernetes/served.ts'
import { InProcess } from './in-process.ts'

/** A ModelAnalysis as somebody writes it. */
export function analysisObject(spec: JsonValue, name = 'churn', namespace = 'ml'): JsonObject {
  const metadata = { name, namespace }
  return { apiVersion: 'mlgitops.io/v1alpha1', kind: 'ModelAnalysis', metadata, spec }
}

/** Objectives that decide within seconds. */
export const good = {
  precision: { min: 0.9 },
  'min-events': '5',
  'min-intervals': 0,
  block: '1s',
  maturity: '0s'
}

/** A cluster with Flagger's Canaries or without, and the service that reads it. */
export async function prepare(t: Test, { namespaces, hasFlagger = true, logger }: Prepared = {}) {
  const kinds = hasFlagger ? [modelAnalyses, canaries] : [modelAnalyses]
  const resources = kinds.map(kind => ({ ...kind, isNamespaced: true }))
  const server = await startFakeApiServer(t, { resources })
  const lines: string[] = []
  const objectives = readCluster(server, lines, namespaces, logger)
  const service = new InProcess()
  t.teardown(() => service.stop())
  return { server, objectives, service, lines }
}

/** The objectives of a cluster; errors are logged to `lines`. */
export function readCluster(
  server: FakeApiServer,
  lines: string[],
  namespaces?: readonly string[],
  logger: Logger = createLogger({ level: 'error', write: line => lines.push(line), now: () => 0 })
): ClusterObjectives {
  return new ClusterObjectives({
    client: new ApiClient(connectionTo(server), 'mlgitops/test'),
    namespaces,
    clock: hastyClock,
    now: () => new Date('2026-11-26T09:00:00Z'),
    logger,
    times: calmTimes
  })
}

interface Prepared {
  readonly namespaces?: readonly string[]
  readonly hasFlagger?: boolean
  /** Instead of errors to `lines`. */
  readonly logger?: Logger
}
