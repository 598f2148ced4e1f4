import t from 'tap'
import type { Test } from 'tap'
import { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { OwnerObjects } from '../../../webhook/cluster/owner-objects.ts'
import { ownerKindOf } from '../../../webhook/owner/owner-kind.ts'
import type { OwnerKind } from '../../../webhook/owner/owner-kind.ts'
import { startFakeApiServer } from '../../service/kubernetes/fake-api-server.ts'
import { connectionTo } from '../../service/kubernetes/served.ts'

function kind(group: string, name: string): OwnerKind {
  const known = ownerKindOf(group, name)
  if (known === undefined) throw new Error(`${name} is known`)
  return known
}

const taskRun = kind('tekton.dev', 'TaskRun')
const runtime = kind('serving.kserve.io', 'ClusterServingRuntime')
const run = { kind: taskRun, namespace: 'ml', name: 'run' }

async function prepare(t: Test) {
  const server = await startFakeApiServer(t, {
    resources: [
      { ...taskRun, isNamespaced: true },
      { ...kind('', 'Pod'), isNamespaced: true },
      { ...runtime, isNamespaced: false }
    ]
  })
  const asked: string[] = []
  server.isAllowed = (_user, verb, plural) => {
    asked.push(`${verb} ${plural}`)
    return true
  }
  const client = new ApiClient(connectionTo(server), 'mlgitops/test')
  let nowMs = 0
  const objects = new OwnerObjects({ client, nowMs: () => nowMs, attemptMs: 500 })
  const specOf = async (freshness: 'recent' | 'live' = 'recent') => {
    const read = await objects.get(run, freshness)
    return read.kind === 'found' ? read.object.spec : read.kind
  }
  return { server, asked, objects, specOf, wait: (ms: number) => (nowMs += ms) }
}

const stored = (spec: string) => ({ metadata: { name: 'run', namespace: 'ml' }, spec })

t.test('An answer is used again for five seconds, unless a live one is asked for', async t => {
  const { server, asked, specOf, wait } = await prepare(t)
  server.put('taskruns', stored('a'))
  t.equal(await specOf(), 'a')
  server.put('taskruns', stored('b'))
  wait(5_000)
  t.equal(await specOf(), 'a')
  t.equal(asked.length, 1)
  wait(1)
  t.equal(await specOf(), 'b')
  server.put('taskruns', stored('c'))
  t.equal(await specOf('live'), 'c')
  t.equal(await specOf(), 'c', 'a live answer is kept as well')
  t.same(asked, ['get taskruns.tekton.dev', 'get taskruns.tekton.dev', 'get taskruns.tekton.dev'])
})

t.test('Requests at the same time are one', async t => {
  const { server, asked, specOf } = await prepare(t)
  server.put('taskruns', stored('a'))
  t.same(await Promise.all([specOf(), specOf(), specOf()]), ['a', 'a', 'a'])
  t.equal(asked.length, 1)
})

t.test('What does not exist, and what cannot be read, is asked for again', async t => {
  const { server, specOf, objects } = await prepare(t)
  t.equal(await specOf(), 'missing')
  server.put('taskruns', stored('a'))
  t.equal(await specOf(), 'a')
  server.isAllowed = () => false
  t.match(await objects.get(run, 'live'), {
    kind: 'unreadable',
    reason: /^the API server refused to get taskruns\.tekton\.dev ml\/run: /
  })
  server.isAllowed = () => true
  t.equal(await specOf(), 'a')
})

t.test('A server that breaks off is asked twice, and one that refuses once', async t => {
  const { server, objects } = await prepare(t)
  server.put('taskruns', stored('a'))
  let requests = 0
  server.intercept = (_asked, response) => {
    requests += 1
    if (requests === 1) response.destroy()
    return requests === 1
  }
  t.match(await objects.get(run, 'live'), { kind: 'found' })
  t.equal(requests, 2)
  server.intercept = (_asked, response) => {
    response.destroy()
    return true
  }
  t.match(await objects.get(run, 'live'), {
    kind: 'unreadable',
    reason: /^cannot ask the API server to get taskruns\.tekton\.dev ml\/run: /
  })
  server.intercept = () => {
    requests += 1
    return false
  }
  server.isAllowed = () => false
  t.match(await objects.get(run, 'live'), { kind: 'unreadable' })
  t.equal(requests, 3)
})

t.test('Objects of the core group and of the cluster are read, and all of a kind', async t => {
  const { server, objects } = await prepare(t)
  server.put('pods', { metadata: { name: 'leader', namespace: 'ml' }, spec: 'p' })
  server.put('clusterservingruntimes', { metadata: { name: 'sklearn' }, spec: 'r' })
  const pod = { kind: kind('', 'Pod'), namespace: 'ml', name: 'leader' }
  t.match(await objects.get(pod, 'recent'), { kind: 'found', object: { spec: 'p' } })
  const sklearn = { kind: runtime, namespace: '', name: 'sklearn' }
  t.match(await objects.get(sklearn, 'recent'), { object: { spec: 'r' } })
  t.match(await objects.list(runtime, ''), { objects: [{ metadata: { name: 'sklearn' } }] })
  t.same(
    await objects.list(kind('ray.io', 'RayJob'), 'ml'),
    { kind: 'found', objects: [] },
    'a kind that is not installed'
  )
  server.isAllowed = () => false
  t.match(await objects.list(runtime, ''), {
    kind: 'unreadable',
    reason: /^the API server refused to list clusterservingruntimes\.serving\.kserve\.io: /
  })
})
