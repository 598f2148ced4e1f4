import assert from 'node:assert/strict'
import { readManifest } from '../../../analysis/check/read-manifest.ts'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { freePort } from '../rig/free-port.ts'
import { serveOnLoopback } from '../rig/loopback-server.ts'
import type { Points } from '../rig/points.ts'
import { untilReadiness } from '../rig/readiness.ts'
import type { Bench } from './bench.ts'
import { deployment, image } from './canary.ts'
import { healthy, primary } from './roll.ts'
import { Traffic } from './traffic.ts'

const name = 'worded'

/** The metrics as the document writes them that this project implements. */
const metrics: readonly JsonObject[] = [
  { name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '30s' },
  { name: 'model-predict-latency-ms', threshold: 100, interval: '30s' },
  { name: 'model-precision', thresholdRange: { min: 0.92 }, interval: '1m' }
]

/** A Canary whose own metrics are its objectives: no ModelAnalysis, and no metadata of hooks names any. */
export async function proveOwnWords(bench: Bench, points: Points): Promise<void> {
  const { machine, namespace } = bench
  const at = `/apis/flagger.app/v1beta1/namespaces/${namespace}/canaries/${name}`
  const host = `127.0.0.1:${await freePort()}`
  const url = `http://${host}`
  const written = canary(namespace, metrics, [
    { type: 'pre-rollout', url: `${url}/webhook/canary` }
  ])
  await points.check(
    "Flagger's definition refuses the document's webhook, and mlgitops check says so before",
    async () => {
      const { status, body } = await bench.client.apply(at, written)
      assert.equal(status, 422)
      const message = stringMember(body, 'message') ?? ''
      assert.match(message, /spec\.analysis\.webhooks\[0\]\.name: Required value/)
      const fields = readManifest(written)?.findings.map(({ field }) => field)
      assert.ok(fields?.includes('spec.analysis.webhooks[0].name'), fields?.join(', '))
    }
  )
  const program = machine.startOurs('analysis-of-own-words', [
    ...['serve', 'analysis', '--listen', host, '--grace-seconds', '0'],
    ...['--kubeconfig', machine.controlPlane.kubeconfig, '--namespace', namespace]
  ])
  await program.line(/^listening on (\S+)$/m)
  await untilReadiness(url, { status: 200 })
  const traffic = new Traffic(url, 12)
  machine.atEnd(() => traffic.stop())
  await points.check(
    'with a name, queries and hooks for every step, the words of the Canary decide',
    async () => {
      await applyTemplates(bench, url)
      const hook = (type: string) => ({
        ...{ name: type, type, url: `${url}/webhook/canary` },
        metadata: { type, maturity: '5s', block: '1s', 'max-analysis': '5m' }
      })
      // Flagger asks a metrics server for its own metric.
      const metricsServer = await serveOnLoopback(machine, (_, response) => {
        const result = [{ metric: {}, value: [Date.now() / 1_000, '100'] }]
        response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }))
      })
      const named = canary(
        namespace,
        metrics.map((metric, index) =>
          index === 0
            ? metric
            : { ...metric, templateRef: { name: `worded-${stringMember(metric, 'name') ?? ''}` } }
        ),
        ['rollout', 'confirm-promotion', 'rollback', 'post-rollout', 'event'].map(hook),
        metricsServer
      )
      assert.deepEqual(readManifest(named)?.findings, [])
      const server = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`
      expectSuccess(await bench.client.apply(server, deployment(namespace, name, 'v1')), name)
      expectSuccess(await bench.client.apply(at, named), `Canary ${name}`)
      await bench.phase(name, 'Initialized')
      assert.equal(await roll(bench, traffic, 'v2', healthy.badRatio), 'Succeeded')
      assert.deepEqual(await objectivesOf(url, namespace), [
        'precision',
        'error-rate',
        'latency.p99'
      ])
      assert.equal(await roll(bench, traffic, 'v3', 0.4), 'Failed')
      assert.equal(await bench.primaryImage(name), image('v2'))
      await bench.untilMessage(
        name,
        /failed fail: precision at most 0\.\d+; limit 0\.92, margin 0\.02; /
      )
    }
  )
}

function canary(
  namespace: string,
  ofMetrics: readonly JsonObject[],
  webhooks: readonly JsonObject[],
  metricsServer?: string
): JsonObject {
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name, namespace },
    spec: {
      provider: 'kubernetes',
      ...(metricsServer !== undefined && { metricsServer }),
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      service: { port: 80 },
      // A check before the first label is mature fails, for Flagger has no third verdict.
      analysis: { interval: '10s', threshold: 8, iterations: 3, metrics: ofMetrics, webhooks }
    }
  }
}

/** What Flagger itself reads the two scores by. */
async function applyTemplates(bench: Bench, address: string): Promise<void> {
  for (const score of ['model-predict-latency-ms', 'model-precision']) {
    const metadata = { name: `worded-${score}`, namespace: bench.namespace }
    const query = `${score}{namespace="{{ namespace }}",name="{{ name }}"}`
    const template: JsonObject = {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'MetricTemplate',
      metadata,
      spec: { provider: { type: 'prometheus', address }, query }
    }
    const at = `/apis/flagger.app/v1beta1/namespaces/${bench.namespace}/metrictemplates/${metadata.name}`
    expectSuccess(await bench.client.apply(at, template), metadata.name)
  }
}

async function roll(
  bench: Bench,
  traffic: Traffic,
  version: string,
  badRatio: number
): Promise<JsonValue | undefined> {
  const rollout = `${bench.namespace}/${name}`
  traffic.set(rollout, {})
  await bench.deploy(name, version)
  await bench.phase(name, 'Progressing')
  traffic.set(rollout, { canary: { ...healthy, badRatio }, primary })
  return (await bench.phase(name, 'Succeeded', 'Failed')).phase
}

async function objectivesOf(url: string, namespace: string): Promise<readonly unknown[]> {
  const answer = await fetch(`${url}/v1/verdict?namespace=${namespace}&name=${name}`)
  const { objectives } = (await answer.json()) as { readonly objectives: readonly JsonObject[] }
  return objectives.map(objective => member(objective, 'metric'))
}
