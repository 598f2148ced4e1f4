import t from 'tap'
import type { Test } from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { createLogger, silentLogger } from '../../../service/log.ts'
import { readApiObject } from '../../../service/kubernetes/api-object.ts'
import { ClusterPolicies } from '../../../webhook/cluster/cluster-policies.ts'
import type { ClusterPoliciesOptions } from '../../../webhook/cluster/cluster-policies.ts'
import { PolicyBook } from '../../../webhook/cluster/policy-book.ts'
import type { PolicySets } from '../../../webhook/policy/policies.ts'
import { startFakeApiServer } from '../../service/kubernetes/fake-api-server.ts'
import type { FakeApiServer } from '../../service/kubernetes/fake-api-server.ts'
import { connectionTo, hastyClock } from '../../service/kubernetes/served.ts'
import { until } from '../../service/loopback.ts'
import {
  calmTimes,
  exceptionObject,
  policyObject,
  served,
  unusableRules
} from './policy-objects.ts'

/** Policies of a server, as one replica has them. */
function replicaOf(t: Test, server: FakeApiServer, more: Partial<ClusterPoliciesOptions> = {}) {
  let now = new Date('2026-11-26T09:00:00Z')
  const refused: string[] = []
  const loaded: number[] = []
  const policies = new ClusterPolicies({
    client: new ApiClient(connectionTo(server), 'mlgitops/test'),
    exceptionNamespaces: ['exceptions'],
    clock: hastyClock,
    now: () => now,
    logger: silentLogger,
    times: calmTimes,
    ...more
  })
  t.teardown(() => policies.stop())
  const start = () => {
    policies.start({
      loaded: (_sets, count) => loaded.push(count),
      refused: (fault, consequence) =>
        refused.push(`${fault.details.where ?? ''}: ${fault.code}: ${consequence}`)
    })
  }
  const move = (time: string) => (now = new Date(time))
  return { policies, refused, loaded, start, move }
}

async function prepare(t: Test, objects: readonly JsonObject[] = [policyObject('team')]) {
  const server = await startFakeApiServer(t, { resources: served })
  for (const object of objects) server.put('modelpolicies', object)
  server.put('namespaces', { metadata: { name: 'ml', labels: { tier: 'prod' } } })
  const replica = replicaOf(t, server)
  replica.start()
  await until(() => replica.policies.sets() !== undefined)
  return { server, ...replica }
}

/** Policies and rules of each set: `{'': 'team:labels', strict: 'b:images'}`. */
function ruleNames(sets: PolicySets | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...(sets ?? [])].map(([name, { policies }]) => [
      name,
      policies
        .map(policy => `${policy.name}:${policy.rules.map(rule => rule.name).join()}`)
        .join(' ')
    ])
  )
}

function readyOf(server: FakeApiServer, plural: string, name: string, namespace = '') {
  const object = server.get(plural, name, namespace) as
    { status?: { observedGeneration: number; conditions: readonly JsonObject[] } } | undefined
  return object?.status
}

t.test('no policy set exists until policies, exceptions and namespaces are loaded', async t => {
  const server = await startFakeApiServer(t, { resources: served })
  server.put('modelpolicies', policyObject('team'))
  server.isAllowed = (_user, _verb, kind) => kind !== 'namespaces'
  const { policies, start } = replicaOf(t, server)
  t.equal(policies.sets(), undefined)
  start()
  const reasons = () => Object.values(policies.checks).map(check => check())
  await until(() => reasons()[1] === undefined && reasons()[2]?.includes('refused') === true)
  t.equal(policies.sets(), undefined)
  t.match(reasons(), [
    undefined,
    undefined,
    'namespaces have not been listed yet: the API server refused to list namespaces'
  ])
  server.isAllowed = () => true
  await until(() => policies.sets() !== undefined)
  t.same(ruleNames(policies.sets()), { '': 'team:labels' })
  t.same(reasons(), [undefined, undefined, undefined])
})

t.test('a label names the policy set, and every change is followed', async t => {
  const { server, policies, loaded } = await prepare(t)
  server.put('modelpolicies', policyObject('b', { set: 'strict' }))
  await until(() => policies.sets()?.has('strict') === true)
  t.same(ruleNames(policies.sets()), { '': 'team:labels', strict: 'b:labels' })
  server.put('modelpolicies', policyObject('b'))
  await until(() => policies.sets()?.size === 1)
  t.same(ruleNames(policies.sets()), { '': 'b:labels team:labels' }, 'with the same generation')
  server.delete('modelpolicies', 'b')
  server.delete('modelpolicies', 'team')
  await until(() => policies.sets()?.size === 0)
  t.match(policies.checks.policies?.(), 'no ModelPolicy exists')
  t.equal(loaded.at(-1), 0)
})

t.test('a valid policy gets its condition once', async t => {
  const { server } = await prepare(t)
  await until(() => readyOf(server, 'modelpolicies', 'team') !== undefined)
  t.same(readyOf(server, 'modelpolicies', 'team'), {
    observedGeneration: 1,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'InForce',
        message: 'every rule is in force',
        observedGeneration: 1,
        lastTransitionTime: '2026-11-26T09:00:00Z'
      }
    ]
  })
})

t.test('an invalid change: the last good version judges, and the status says why', async t => {
  const { server, policies, refused, loaded } = await prepare(t)
  const good = policies.sets()?.get('')?.policies[0]
  server.put('modelpolicies', policyObject('team', { rules: unusableRules }))
  await until(() => refused.length > 0)
  t.equal(policies.sets()?.get('')?.policies[0], good)
  t.same(refused, [
    'modelpolicy team: POLICY_INVALID: refused a policy change; the last good version stays in force'
  ])
  t.equal(loaded.at(-1), 1)
  await until(() => readyOf(server, 'modelpolicies', 'team')?.observedGeneration === 2)
  t.match(readyOf(server, 'modelpolicies', 'team')?.conditions, [
    {
      status: 'False',
      reason: 'Invalid',
      observedGeneration: 2,
      message:
        /^rule schema: the schema cannot be used: (?:.|\n)*\nUntil it is fixed, a replica judges by its last good version; without one, every object that it selects violates it\.$/
    }
  ])
  server.put('modelpolicies', policyObject('team', { spec: { validationActions: ['Warn'] } }))
  await until(() => policies.sets()?.get('')?.policies[0]?.actions[0] === 'Warn')
  t.equal(loaded.at(-1), 0)
})

t.test('a policy that was never valid denies what it selects', async t => {
  const warns = { validationActions: ['Warn'], matchConstraints: { roles: ['train'] } }
  const { policies, refused } = await prepare(t, [
    policyObject('a-warns', { rules: unusableRules, spec: warns }),
    policyObject('b-action', {
      spec: { validationActions: ['Block'], matchConstraints: { roles: ['run'] } }
    }),
    policyObject('c-match', {
      spec: { validationActions: ['Audit'], matchConstraints: { roles: ['x'] } }
    }),
    { ...policyObject('d-nothing'), spec: { rules: 'none' } }
  ])
  const sets = policies.sets()?.get('')?.policies ?? []
  t.same(
    sets.map(({ name, actions, match }) => [name, actions, match]),
    [
      ['a-warns', ['Warn'], { roles: ['train'] }],
      ['b-action', ['Deny'], { roles: ['run'] }],
      ['c-match', ['Audit'], {}],
      ['d-nothing', ['Deny'], {}]
    ],
    'what can be read of it counts'
  )
  t.same(sets[0]?.rules[0]?.judge({} as never), [
    {
      field: 'metadata.name',
      problem: 'the policy a-warns selects this object and is invalid',
      fix: 'ask the owner of the policy to fix it: kubectl describe modelpolicy a-warns shows the error'
    }
  ])
  t.equal(refused.length, 4)
  t.match(refused[0], /every object that it selects violates it$/)
})

t.test('an object that breaks its reader does not affect other policies', async t => {
  let schema: JsonObject = {}
  for (let i = 0; i < 100_000; i += 1) schema = { not: schema }
  const { policies, refused } = await prepare(t, [policyObject('good')])
  const book = new PolicyBook()
  const deep = readApiObject({
    ...policyObject('deep', { rules: [{ schema: { schema } }] }),
    metadata: { name: 'deep', resourceVersion: '1', uid: 'deep' }
  })
  if (deep === undefined) throw new Error('it has a name')
  const reported: string[] = []
  const [reading] = book.read([deep], fault => reported.push(fault.code))
  t.equal(reading?.policy.rules[0]?.name, 'usable')
  t.same(reported, ['OBJECT_DEFECT'])
  t.same(refused, [])
  t.ok(policies.sets())
})

t.test('exceptions of the named namespaces are in force until they expire', async t => {
  const { server, policies, move } = await prepare(t)
  const names = () =>
    policies
      .sets()
      ?.get('')
      ?.exceptions.map(({ namespace, name }) => `${namespace}/${name}`)
  server.put('policyexceptions', exceptionObject('ml'))
  server.put('policyexceptions', exceptionObject('exceptions'))
  await until(() => names()?.length === 1)
  t.same(names(), ['exceptions/let-train'])
  const ready = (namespace: string) =>
    readyOf(server, 'policyexceptions', 'let-train', namespace)?.conditions
  await until(() => ready('ml') !== undefined && ready('exceptions') !== undefined)
  t.match(ready('ml'), [
    {
      status: 'False',
      reason: 'NamespaceNotAllowed',
      message:
        'exceptions in namespace ml are not accepted: the webhook accepts those of --exception-namespace'
    }
  ])
  t.match(ready('exceptions'), [
    { status: 'True', reason: 'InForce', message: 'in force until 2027-01-31T00:00:00.000Z' }
  ])
  server.put('policyexceptions', exceptionObject('exceptions', { expiresAt: 'soon' }))
  await until(() => names()?.length === 0)
  move('2027-02-01T00:00:00Z')
  server.put('policyexceptions', exceptionObject('exceptions', { reason: 'until it has ended' }))
  await until(() => names()?.length === 1)
  t.equal(
    policies.sets()?.get('')?.exceptions[0]?.expiresAt.toISOString(),
    '2027-01-31T00:00:00.000Z'
  )
})

t.test('labels of namespaces', async t => {
  const { server, policies } = await prepare(t)
  t.equal(policies.namespaceLabels('ml')?.get('tier'), 'prod')
  t.equal(policies.namespaceLabels('unknown'), undefined)
  server.put('namespaces', { metadata: { name: 'ml', labels: { tier: 'test' } } })
  await until(() => policies.namespaceLabels('ml')?.get('tier') === 'test')
  server.delete('namespaces', 'ml')
  await until(() => policies.namespaceLabels('ml') === undefined)
})

t.test('replicas write a status once, and do not overwrite each other', async t => {
  const { server, refused } = await prepare(t)
  server.put('modelpolicies', policyObject('team', { rules: unusableRules }))
  await until(() => refused.length === 1)
  await until(() => readyOf(server, 'modelpolicies', 'team')?.observedGeneration === 2)
  const { version } = server.storage
  const paused = new Set<number>()
  const replicas = [1, 2, 3].map((_, index) => {
    const sleep = (ms: number, signal: AbortSignal) =>
      hastyClock.sleep(ms, signal).then(() => void paused.add(index))
    return replicaOf(t, server, { clock: { ...hastyClock, sleep } })
  })
  for (const { start } of replicas) start()
  await until(() => replicas.every(({ refused: r }, at) => r.length === 1 && paused.has(at)))
  t.match(replicas[0]?.refused[0], /every object that it selects violates it$/, 'never valid')
  server.put('namespaces', { metadata: { name: 'later' } })
  await until(() => replicas.every(({ policies }) => policies.namespaceLabels('later')))
  t.equal(server.storage.version, version + 1, 'all write the same status')
})

t.test('an expired exception shows it', async t => {
  const { server, move } = await prepare(t)
  move('2027-01-31T00:00:00Z')
  server.put('policyexceptions', exceptionObject('exceptions'))
  const ready = () => readyOf(server, 'policyexceptions', 'let-train', 'exceptions')?.conditions[0]
  await until(() => ready() !== undefined)
  const message = 'expired at 2027-01-31T00:00:00.000Z'
  t.match(ready(), { status: 'False', reason: 'Expired', message })
  server.put('policyexceptions', exceptionObject('exceptions', { reason: 'x', policies: [] }))
  await until(() => ready()?.reason === 'Invalid')
  t.match(ready()?.message, /^the exception cannot be used:(?:.|\n)*\nIt has no effect\.$/)
})

t.test('a failed status write is logged once and retried', async t => {
  const server = await startFakeApiServer(t, { resources: served })
  server.put('modelpolicies', policyObject('team'))
  let attempts = 0
  server.isAllowed = (_user, verb) => verb !== 'patch' || (attempts += 1) > 3
  const lines: string[] = []
  const logger = createLogger({ level: 'warn', write: line => lines.push(line), now: () => 0 })
  const { start } = replicaOf(t, server, { logger })
  start()
  await until(() => readyOf(server, 'modelpolicies', 'team') !== undefined)
  t.equal(attempts, 4)
  t.equal(lines.length, 1)
  t.match(lines[0], /"cannot write a status","code":"KUBERNETES_FORBIDDEN"/)
})
