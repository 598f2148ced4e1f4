import t from 'tap'
import type { Test } from 'tap'
import { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { createLogger } from '../../../service/log.ts'
import { ClusterPolicies } from '../../../webhook/cluster/cluster-policies.ts'
import { PodAccess, podOwnerAccess, withPodAccess } from '../../../webhook/cluster/pod-access.ts'
import { startFakeApiServer } from '../../service/kubernetes/fake-api-server.ts'
import { connectionTo, hastyClock } from '../../service/kubernetes/served.ts'
import { until } from '../../service/loopback.ts'
import { calmTimes, policyObject, served } from './policy-objects.ts'

const component =
  'add manifests/components/pods-by-owner, with which the API server also asks about these Pods'
const observer = { loaded: () => undefined, refused: () => undefined }

async function prepare(t: Test, isAllowed: () => boolean) {
  const server = await startFakeApiServer(t, { resources: served })
  server.isAllowed = (_user, verb, kind) =>
    isAllowed() || verb !== 'get' || kind !== 'replicasets.apps'
  const logged: Record<string, unknown>[] = []
  const logger = createLogger({
    level: 'info',
    now: () => 0,
    write: line => logged.push(JSON.parse(line) as Record<string, unknown>)
  })
  const client = new ApiClient(connectionTo(server), 'mlgitops/test')
  const podAccess = new PodAccess({ client, clock: hastyClock, logger })
  const ofCluster = new ClusterPolicies({
    ...{ client, exceptionNamespaces: [], clock: hastyClock, now: () => new Date(), logger },
    ...{ times: calmTimes, podAccess }
  })
  const policies = withPodAccess(ofCluster, podAccess)
  t.teardown(() => policies.stop())
  const conditionOf = (name: string) => {
    const object = server.get('modelpolicies', name, '') as
      { status?: { conditions: readonly { reason: string; message: string }[] } } | undefined
    return object?.status?.conditions[0]
  }
  return { server, policies, logged, conditionOf }
}

t.test('Without its component, pods: owner says that it has no effect', async t => {
  let isAllowed = false
  const { server, policies, logged, conditionOf } = await prepare(t, () => isAllowed)
  server.put('modelpolicies', policyObject('pods', { rules: [{ provenance: { pods: 'owner' } }] }))
  server.put('modelpolicies', policyObject('team'))
  policies.start(observer)
  await until(() => conditionOf('pods')?.reason === 'PodsNotJudged')
  const reason = `RBAC lacks get replicasets.apps; ${component}`
  t.equal(
    conditionOf('pods')?.message,
    `every rule is in force, but pods: owner has no effect: ${reason}`
  )
  await until(() => conditionOf('team')?.reason === 'InForce')
  const warnings = logged.filter(({ message }) => message === 'pods: owner has no effect')
  t.match(warnings, [{ level: 'warn', policies: 'pods', reason }])
  t.equal(warnings.length, 1)
  isAllowed = true
  await until(() => conditionOf('pods')?.reason === 'InForce')
})

t.test('Nobody asks for permissions that no policy needs', async t => {
  const { server, policies, conditionOf } = await prepare(t, () => false)
  const asked: string[] = []
  server.isAllowed = (_user, _verb, kind) => {
    asked.push(kind)
    return true
  }
  server.put('modelpolicies', policyObject('team'))
  policies.start(observer)
  await until(() => conditionOf('team') !== undefined)
  t.notOk(asked.includes('replicasets.apps'))
})

t.test('Without a cluster it has no effect either', t => {
  const logged: string[] = []
  const logger = createLogger({
    level: 'info',
    now: () => 0,
    write: line => logged.push(line)
  })
  const access = new PodAccess({ client: undefined, clock: hastyClock, logger })
  const policy = { name: 'pods', actions: ['Deny' as const], match: {} }
  const judging = { name: 'provenance', type: 'provenance' as const, judge: () => [] }
  const rules = [{ ...judging, looksAt: {} as never, judgesPods: true as const }]
  access.use(new Map([['', { policies: [{ ...policy, rules }], exceptions: [] }]]))
  const reason = 'this webhook has no cluster to read owners from (--kubeconfig)'
  t.equal(access.reason(), reason)
  t.match(logged, [reason])
  t.end()
})

t.test('The permissions are those of the component', async t => {
  const { readFile } = await import('node:fs/promises')
  const { readYaml } = await import('../../../common/yaml/read.ts')
  const file = 'manifests/components/pods-by-owner/owner-access.yaml'
  const [role] = readYaml(await readFile(file, 'utf8'), { file })
  const granted = (role?.value as { rules: { apiGroups: string[]; resources: string[] }[] }).rules
  t.same(
    podOwnerAccess.map(({ resource: { group, plural } }) => `${plural}.${group}`).sort(),
    granted
      .flatMap(({ apiGroups, resources }) => resources.map(each => `${each}.${apiGroups[0]}`))
      .sort()
  )
})
