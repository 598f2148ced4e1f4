import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { AccessCheck } from '../../../service/kubernetes/access.ts'
import { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { pauseMs } from '../../../service/kubernetes/clock.ts'
import { saysAlready, writeCondition } from '../../../service/kubernetes/condition.ts'
import type { Condition } from '../../../service/kubernetes/condition.ts'
import { startFakeApiServer } from './fake-api-server.ts'
import { policy } from './informed.ts'
import { connectionTo, modelPolicies, namespaces, secrets } from './served.ts'

async function prepare(t: Test) {
  const server = await startFakeApiServer(t, { resources: [modelPolicies, namespaces, secrets] })
  const client = new ApiClient(connectionTo(server), 'mlgitops/test')
  t.teardown(() => {
    client.close()
  })
  return { server, client }
}

/** How a request ends, in a line. */
async function outcome(request: Promise<unknown>): Promise<string> {
  try {
    await request
    return 'fine'
  } catch (error) {
    const { code, message } = error as { readonly code: string; readonly message: string }
    return `${code} ${message}`
  }
}

const secret = { namespace: 'system', name: 'ca' }

t.test('objects are created, read, replaced and deleted', async t => {
  const { server, client } = await prepare(t)
  const { core } = client
  const { namespace } = secret
  const body = { metadata: { name: 'ca', namespace }, data: { a: 'YQ==' } }
  const { metadata } = await core.createNamespacedSecret({ namespace, body })
  t.match(metadata, { namespace: 'system', name: 'ca', generation: 1, resourceVersion: '101' })
  const read = await core.readNamespacedSecret(secret)
  t.same(read.data, { a: 'YQ==' })
  const next = { ...secret, body: { ...read, data: { a: 'Yg==' } } }
  t.equal((await core.replaceNamespacedSecret(next)).metadata?.resourceVersion, '102')
  t.equal(
    await outcome(core.replaceNamespacedSecret(next)),
    'KUBERNETES_CONFLICT the API server refused to update secrets system/ca: Operation cannot be fulfilled on secrets "ca": the object has been modified'
  )
  t.equal(
    await outcome(core.createNamespacedSecret({ namespace, body })),
    'KUBERNETES_CONFLICT the API server refused to create secrets system/ca: secrets "ca" already exists'
  )
  await core.deleteNamespacedSecret(secret)
  t.equal(
    await outcome(core.readNamespacedSecret(secret)),
    'KUBERNETES_NOT_FOUND the API server refused to get secrets system/ca: secrets "ca" not found'
  )
  t.equal(server.get('secrets', 'ca', 'system'), undefined)
})

t.test('custom resources are patched, applied and deleted: the object and its status', async t => {
  const { server, client } = await prepare(t)
  server.put('modelpolicies', policy('a'))
  const place = { name: 'a' }
  await client.patch(modelPolicies, place, { spec: { image: 'two' } })
  await client.patch(modelPolicies, place, [
    { op: 'test', path: '/spec/image', value: 'two' },
    { op: 'add', path: '/spec/more', value: true }
  ])
  t.match(
    await outcome(
      client.patch(modelPolicies, place, [{ op: 'test', path: '/spec/image', value: 'one' }])
    ),
    /^KUBERNETES_INVALID the API server refused to patch modelpolicies.mlgitops.io a: /
  )
  const status = { conditions: [{ type: 'Ready', status: 'True' }] }
  const statusPlace = { ...place, subresource: 'status' } as const
  const applied = await client.apply(
    modelPolicies,
    statusPlace,
    { metadata: place, status },
    { fieldManager: 'mlgitops-webhook' }
  )
  t.same(applied.body.spec, { image: 'two', more: true }, 'the spec stays')
  t.same(applied.body.status, status)
  t.equal(applied.generation, 3, 'the status does not count')
  const other = {
    metadata: place,
    status: { conditions: [{ type: 'Ready', status: 'False' }] }
  }
  t.match(
    await outcome(client.apply(modelPolicies, statusPlace, other, { fieldManager: 'somebody' })),
    /^KUBERNETES_CONFLICT .*conflict with "mlgitops-webhook": \/status\/conditions\/Ready\/status/
  )
  const forced = { fieldManager: 'somebody', isForced: true }
  t.match((await client.apply(modelPolicies, statusPlace, other, forced)).body, other)
  t.equal((await client.get(modelPolicies, place)).generation, 3)
  await client.remove(modelPolicies, place)
  t.equal(
    await outcome(client.get(modelPolicies, place)),
    'KUBERNETES_NOT_FOUND the API server refused to get modelpolicies.mlgitops.io a: modelpolicies "a" not found'
  )
})

t.test('an answer that is not a success is a fault with a code', async t => {
  const { server, client } = await prepare(t)
  const read = () => outcome(client.get(modelPolicies, { name: 'a' }))
  const answers: readonly (readonly [number, string, RegExp])[] = [
    [200, 'garbage', /^KUBERNETES_ANSWER .*the answer is not a JSON object/],
    [200, '{}', /^KUBERNETES_ANSWER .*the answer has no name and version/],
    [403, '{"message":"no"}', /^KUBERNETES_FORBIDDEN .*: no$/],
    [429, 'slow down', /^KUBERNETES_OVERLOADED .*: status 429$/],
    [503, '', /^KUBERNETES_OVERLOADED .*: status 503$/],
    [500, '[]', /^KUBERNETES_ANSWER .*: status 500$/],
    [302, '{"message":"elsewhere"}', /^KUBERNETES_ANSWER .*: elsewhere$/]
  ]
  for (const [status, body, expected] of answers) {
    server.intercept = (_asked, response) => {
      response.writeHead(status, { location: '/elsewhere' }).end(body)
      return true
    }
    t.match(await read(), expected)
  }
  server.intercept = (_asked, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"metadata"')
    setImmediate(() => response.destroy())
    return true
  }
  t.match(await read(), /^KUBERNETES_UNREACHABLE .*: ECONNRESET$/)
  t.match(
    await outcome(client.list(modelPolicies, {}, undefined, AbortSignal.abort())),
    /^KUBERNETES_UNREACHABLE .*: ended$/
  )
  server.intercept = (_asked, response) => {
    response.end('{"metadata":{"resourceVersion":"1"},"items":[{}]}')
    return true
  }
  t.match(
    await outcome(client.list(modelPolicies, {}, undefined)),
    /an item has no name and version/
  )
})

t.test('a request whose answer does not arrive in time', async t => {
  const { server, client } = await prepare(t)
  server.intercept = () => true
  const signal = AbortSignal.timeout(30)
  t.match(await outcome(client.list(modelPolicies, {}, undefined, signal)), /: no answer in time$/)
})

t.test('a request on a kept connection that the server closes is sent again', async t => {
  const { server, client } = await prepare(t)
  server.put('modelpolicies', policy('a'))
  let sockets = 0
  server.intercept = (_asked, response) => {
    // As a server that closes an idle connection while the next request is under way.
    if ((sockets += 1) === 2) response.destroy()
    return sockets === 2
  }
  await client.get(modelPolicies, { name: 'a' })
  // The socket is free again after this turn.
  await nextTurn()
  t.equal((await client.get(modelPolicies, { name: 'a' })).name, 'a')
  t.equal(sockets, 3)
})

t.test('lists: metadata only, selectors, of a namespace', async t => {
  const { server, client } = await prepare(t)
  const asked: string[] = []
  server.intercept = ({ accept, query }) => {
    asked.push(`${accept.split(',')[0] ?? ''} ${query.toString()}`)
    return false
  }
  server.put('secrets', { metadata: { name: 'a', namespace: 'one' } })
  server.put('secrets', { metadata: { name: 'b', namespace: 'two' } })
  const selection = { namespace: 'two', labelSelector: 'app=x', fieldSelector: 'metadata.name=b' }
  const page = await client.list(secrets, { ...selection, isMetadataOnly: true }, undefined)
  t.match(page, { resourceVersion: '102', next: undefined, objects: [{ name: 'b' }] })
  t.match(page.objects[0]?.body, { apiVersion: 'v1', kind: 'Secret' })
  t.same(asked, [
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1 labelSelector=app%3Dx&fieldSelector=metadata.name%3Db&limit=500'
  ])
})

t.test('permissions are checked before they are needed, and missing verbs are named', async t => {
  const { server, client } = await prepare(t)
  const check = new AccessCheck(client, [
    { resource: modelPolicies, verbs: ['list', 'watch'] },
    { resource: modelPolicies, subresource: 'status', verbs: ['patch'] },
    { resource: secrets, verbs: ['get', 'update'], namespace: 'system', name: 'ca' }
  ])
  t.equal(check.notReadyReason(), 'permissions have not been checked yet')
  server.isAllowed = (_user, verb, kind) => verb !== 'watch' && !/status|secrets/.test(kind)
  t.equal(await check.check(), false)
  t.equal(
    check.notReadyReason(),
    'RBAC lacks watch modelpolicies.mlgitops.io; patch modelpolicies.mlgitops.io/status; get, update secrets ca in system'
  )
  server.isAllowed = () => true
  t.equal(await check.check(), true)
  t.equal(check.notReadyReason(), undefined)
  await server.kill()
  t.equal(await check.check(), false)
  t.match(check.notReadyReason(), /^cannot check permissions: .*ECONNREFUSED/)
})

t.test('pauses grow to half a minute and differ between replicas', t => {
  t.same(
    [1, 2, 6, 7, 50].map(failures => [pauseMs(failures, () => 0), pauseMs(failures, () => 1)]),
    [
      [400, 800],
      [800, 1_600],
      [12_800, 25_600],
      [15_000, 30_000],
      [15_000, 30_000]
    ]
  )
  t.end()
})

t.test('a condition keeps its time while its status is the same', t => {
  const condition: Condition = {
    type: 'Ready',
    status: 'True',
    reason: 'Loaded',
    message: 'fine',
    observedGeneration: 2
  }
  const first = writeCondition(condition, undefined, new Date('2026-11-26T09:00:00.123Z'))
  t.equal(first.lastTransitionTime, '2026-11-26T09:00:00Z')
  t.ok(saysAlready(condition, [first]))
  const later = { ...condition, observedGeneration: 3 }
  t.notOk(saysAlready(later, [first]))
  const now = new Date('2026-11-26T10:00:00Z')
  t.equal(writeCondition(later, [first], now).lastTransitionTime, '2026-11-26T09:00:00Z')
  const broken: Condition = { ...later, status: 'False' }
  t.equal(writeCondition(broken, [first], now).lastTransitionTime, '2026-11-26T10:00:00Z')
  const long = writeCondition({ ...broken, message: 'x'.repeat(40_000) }, [], now)
  t.equal(long.message, 'x'.repeat(32_768))
  t.end()
})
