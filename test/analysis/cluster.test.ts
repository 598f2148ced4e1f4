import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import t from 'tap'
import type { ClusterObjectives } from '../../analysis/cluster/cluster-objectives.ts'
import { readAnalysis } from '../../analysis/settings/read-analysis.ts'
import { knownKeys } from '../../analysis/settings/unknown-key.ts'
import { readModelAnalysis } from '../../analysis/objectives/model-analysis.ts'
import { member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { modelAnalysisCrd } from '../../scripts/generate-model-analysis-crd.ts'
import type { FakeApiServer } from '../service/kubernetes/fake-api-server.ts'
import { hastyClock } from '../service/kubernetes/served.ts'
import { until } from '../service/loopback.ts'
import { endAnalysis, startAnalysis } from './analysis-process.ts'
import { analysisObject, good, prepare } from './cluster-service.ts'

const worse = { precision: { min: 'much' } }

function statusOf(server: FakeApiServer, name = 'churn') {
  return server.get('modelanalyses', name, 'ml')?.status as
    | {
        readonly observedGeneration: number
        readonly conditions: readonly JsonObject[]
        readonly run?: JsonObject
      }
    | undefined
}

const ready = (objectives: ClusterObjectives) =>
  Object.values(objectives.checks).map(check => check())

t.test('a hook without metadata is judged by the ModelAnalysis of its Canary', async t => {
  const { server, objectives, service } = await prepare(t)
  server.put('modelanalyses', analysisObject(good))
  await service.start({ objectives })
  await until(() => ready(objectives).every(reason => reason === undefined))
  t.same(await service.hook('rollout'), { status: 200, body: 'no-data: no data yet' })
  t.equal((await service.hook('rollout', {}, { name: 'other' })).status, 404)
  await until(() => statusOf(server)?.run !== undefined)
  t.same(statusOf(server), {
    observedGeneration: 1,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Accepted',
        message: 'the objectives are in use',
        observedGeneration: 1,
        lastTransitionTime: '2026-11-26T09:00:00Z'
      }
    ],
    run: {
      number: 1,
      checksum: 'c1',
      startedAt: new Date(service.nowMs).toISOString(),
      verdict: 'no-data',
      reason: 'no data yet'
    }
  })
  await service.send('canary', { events: 200, bad: 150 })
  service.nowMs += 5_000
  t.equal((await service.hook('rollout')).status, 412)
  await until(() => statusOf(server)?.run?.verdict === 'fail')
  t.match(statusOf(server)?.run, { number: 1, reason: /^precision at most 0\.37; limit 0\.9, / })
  server.delete('modelanalyses', 'churn', 'ml')
  await until(() => objectives.find({ namespace: 'ml', name: 'churn' }) === undefined)
})

t.test('until the ModelAnalyses are read, hooks that need them are refused', async t => {
  const { server, objectives, service } = await prepare(t)
  server.put('modelanalyses', analysisObject(good))
  server.isAllowed = () => false
  await service.start({ objectives })
  await until(() => ready(objectives)[1]?.includes('RBAC') === true)
  await until(() => ready(objectives)[0]?.includes('refused') === true)
  t.match(ready(objectives), [
    /^modelanalyses\.mlgitops\.io have not been listed yet: .* cannot list resource/,
    'RBAC lacks list, watch modelanalyses.mlgitops.io; patch modelanalyses.mlgitops.io/status'
  ])
  const refused = { status: 400, body: 'the ModelAnalyses of the cluster have not been read yet' }
  t.same(await service.hook('rollout'), refused)
  const verdict = await fetch(`${service.url}/v1/verdict?namespace=ml&name=churn`)
  t.match(await verdict.json(), { verdict: 'no-data' })
  server.isAllowed = () => true
  await until(() => ready(objectives)[0] === undefined)
  t.equal((await service.hook('rollout')).status, 200)
})

t.test('an invalid change keeps the last good objectives; without any, hooks say why', async t => {
  const { server, objectives, service, lines } = await prepare(t)
  server.put('modelanalyses', analysisObject(good))
  server.put('modelanalyses', analysisObject(worse, 'never'))
  server.put('modelanalyses', analysisObject({ precision: { min: [1] } }, 'list'))
  await service.start({ objectives })
  await until(() => lines.length === 2)
  server.put('modelanalyses', analysisObject(worse))
  await until(() => lines.length === 3)
  t.match(lines, [
    /refusing hooks that need them/,
    /refusing hooks that need them/,
    /keeping the last good ones/
  ])
  t.equal((await service.hook('rollout')).status, 200)
  t.same(await service.hook('rollout', {}, { name: 'never' }), {
    status: 400,
    body: 'the objectives cannot be used: precision.min: found "much", expected a ratio between 0 and 1'
  })
  t.match(await service.hook('rollout', {}, { name: 'list' }), {
    status: 400,
    body: /unknown key "spec"/
  })
  await until(() => statusOf(server)?.observedGeneration === 2)
  await until(() => statusOf(server, 'never') !== undefined)
  t.match(statusOf(server)?.conditions, [
    {
      status: 'False',
      reason: 'Invalid',
      message: /^the objectives cannot be used: .*\nThe last good objectives stay in use\.$/
    }
  ])
  t.match(statusOf(server, 'never')?.conditions, [
    { status: 'False', message: /\nEvery hook that needs them is refused\.$/ }
  ])
  server.put('modelanalyses', analysisObject(good, 'never'))
  await until(() => statusOf(server, 'never')?.observedGeneration === 2)
  t.equal((await service.hook('rollout', {}, { name: 'never' })).status, 200)
})

t.test('the status has the worst verdict of all analyses of the run', async t => {
  const { server, objectives, service } = await prepare(t)
  server.put('modelanalyses', analysisObject(good))
  await service.start({ objectives })
  await until(() => ready(objectives).every(reason => reason === undefined))
  await service.hook('rollout')
  await service.hook('confirm-promotion', { 'precision.min': '0.1' })
  await service.send('canary', { events: 200, bad: 150 })
  service.nowMs += 5_000
  t.equal((await service.hook('confirm-promotion', { 'precision.min': '0.1' })).status, 200)
  await until(() => statusOf(server)?.run?.verdict === 'fail')
  t.match(statusOf(server)?.run, { reason: /^precision at most 0\.37; limit 0\.9, / })
})

t.test('a status is written at most twice a minute, and only when it changes', async t => {
  const { server, objectives, service } = await prepare(t)
  server.put('modelanalyses', analysisObject(good))
  await service.start({ objectives })
  await until(() => statusOf(server) !== undefined)
  const writes = () => server.log.filter(line => line.startsWith('patch')).length
  const [first, beganMs] = [writes(), hastyClock.nowMs()]
  for (let i = 0; i < 100; i += 1) {
    await service.send('canary', { events: 1 })
    service.nowMs += 1_000
    await service.hook('rollout')
  }
  const halfMinutes = (hastyClock.nowMs() - beganMs) / 30_000
  t.ok(writes() - first <= halfMinutes + 1, `${writes() - first} in ${halfMinutes} half minutes`)
  await until(() => JSON.stringify(statusOf(server)?.run ?? {}).includes('of 99 events'))
  const last = writes()
  await service.send('canary', { events: 1 })
  service.nowMs += 1_000
  await service.hook('rollout')
  await until(() => JSON.stringify(statusOf(server)?.run ?? {}).includes('of 100 events'))
  t.equal(writes(), last + 1, 'while nothing changed, nothing was written')
})

t.test('only the given namespaces are read', async t => {
  const { server, objectives, service } = await prepare(t, { namespaces: ['ml', 'fraud'] })
  server.put('modelanalyses', analysisObject(good, 'churn', 'other'))
  await service.start({ objectives })
  await until(() => ready(objectives).every(reason => reason === undefined))
  t.same(
    server.log.filter(line => line.startsWith('list')).sort(),
    ['flagger.app/v1beta1|canaries', 'mlgitops.io/v1alpha1|modelanalyses'].flatMap(kind => {
      const [group, plural] = kind.split('|')
      return ['fraud', 'ml'].map(name => `list /apis/${group}/namespaces/${name}/${plural} 200`)
    })
  )
  t.equal(objectives.find({ namespace: 'other', name: 'churn' }), undefined)
})

t.test('the role of the manifests grants exactly what is used', async t => {
  const file = 'manifests/analysis/rbac.yaml'
  const [role] = readYaml(readFileSync(file, 'utf8'), { file })
  const given = (member(role?.value, 'rules') as readonly Record<string, string[]>[]).flatMap(
    ({ apiGroups = [], resources = [], verbs = [] }) =>
      resources.flatMap(resource => {
        const [plural, subresource] = resource.split('/')
        const kind = [`${plural}.${apiGroups.join()}`, subresource].filter(Boolean).join('/')
        return verbs.map(verb => `${verb} ${kind}`)
      })
  )
  const { server, objectives, service } = await prepare(t)
  const used = new Set<string>()
  server.isAllowed = (_user, verb, kind) => {
    used.add(`${verb} ${kind}`)
    return given.includes(`${verb} ${kind}`)
  }
  server.put('modelanalyses', analysisObject(good))
  await service.start({ objectives })
  await until(() => statusOf(server) !== undefined)
  await until(() => ready(objectives).every(reason => reason === undefined))
  await until(() => server.watches.count === 2)
  t.same([...used].sort(), given.toSorted())
})

t.test('the definition has every key and accepts what the reader of settings accepts', t => {
  const file = 'modelanalyses.yaml'
  const [document] = readYaml(modelAnalysisCrd(), { file })
  const versions = member(member(document?.value, 'spec'), 'versions') as readonly JsonObject[]
  const schema = member(versions[0]?.schema, 'openAPIV3Schema') as JsonObject
  const keys: string[] = []
  const walk = (node: JsonValue | undefined, path: string) => {
    const properties = member(node, 'properties')
    if (properties === undefined) keys.push(path)
    for (const [name, inner] of Object.entries((properties ?? {}) as JsonObject)) {
      t.ok(member(inner, 'description'), `${path}.${name} has a description`)
      walk(inner, path === '' ? name : `${path}.${name}`)
    }
  }
  walk(member(member(schema, 'properties'), 'spec'), '')
  const fixed = [...knownKeys].filter(key => !key.startsWith('latency.'))
  t.same(keys.sort(), [...fixed, 'latency', 'score'].sort())
  const ajv = new Ajv({ strict: false, formats: { int64: true, 'date-time': true } })
  const validate = ajv.compile(schema)
  const takes = (spec: JsonValue) => validate({ spec })
  t.ok(takes(good))
  t.ok(takes({ latency: { p99: { max: '1h30m', critical: true } }, dispersion: 'on' }))
  t.ok(takes({ score: { helpful: { min: 0.8, margin: '0.05' } }, mae: { max: 2 }, 'error-cap': 9 }))
  t.ok(takes({ latency: { ttft: { p95: { max: '1s' } } }, 'tokens-per-second': { min: 30 } }))
  t.notOk(takes({ latency: { ttft: { p95: { max: '100' } } } }))
  t.notOk(takes({}))
  t.notOk(takes({ latency: { p99: { max: '100' } } }))
  t.notOk(takes({ precision: { versus: 'nobody' } }))
  t.ok(takes({ dispersion: true }), 'on, as YAML 1.1 reads it')
  t.end()
})

t.test('unquoted on and off are booleans of YAML 1.1 and mean the same as strings', t => {
  for (const [written, isDispersionCorrected] of [
    ['on', true],
    ['"on"', true],
    ['off', false],
    ['"off"', false]
  ] as const) {
    const metadata = 'metadata: {name: churn, namespace: ml}'
    const spec = `spec: {precision: {min: 0.9, critical: on}, dispersion: ${written}}`
    const text = `apiVersion: mlgitops.io/v1alpha1\nkind: ModelAnalysis\n${metadata}\n${spec}\n`
    const [document] = readYaml(text, { file: 'churn.yaml' })
    const { settings } = readModelAnalysis(document?.value as JsonObject, 'churn.yaml')
    t.match(readAnalysis(settings, false), { isDispersionCorrected }, written)
    t.equal(settings.get('precision.critical'), 'true')
  }
  t.end()
})

t.test('a cluster is read only with --cluster or --kubeconfig', async t => {
  const running = await startAnalysis([])
  t.match(await (await fetch(`${running.url}/readyz`)).text(), /^ready\n$/)
  t.equal(await endAnalysis(running, 'SIGTERM'), 0)
  await t.rejects(startAnalysis(['--cluster']), /this process does not run in a cluster/)
  await t.rejects(
    startAnalysis(['--cluster', '--objectives', '.']),
    /--objectives cannot be combined with --cluster or --kubeconfig/
  )
})
