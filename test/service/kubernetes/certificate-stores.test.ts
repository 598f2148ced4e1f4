import t from 'tap'
import type { Test } from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { CertificateManager } from '../../../service/certificates/certificate-manager.ts'
import type { RotationSettings } from '../../../service/certificates/rotation.ts'
import { keepUp } from '../../../service/certificates/keep-up.ts'
import { SecretStore } from '../../../service/certificates/secret-store.ts'
import { WebhookBundleStore } from '../../../service/certificates/webhook-bundle-store.ts'
import { startServer } from '../../../service/http/server.ts'
import type { TlsPair } from '../../../service/http/tls.ts'
import { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { silentLogger } from '../../../service/log.ts'
import { minuteMs, settings as calmSettings } from '../cluster.ts'
import { echo, listen } from '../loopback.ts'
import { LateClients, load } from '../tls-load.ts'
import { eventually } from '../../eventually.ts'
import { startFakeApiServer } from './fake-api-server.ts'
import type { FakeApiServer } from './fake-api-server.ts'
import { configurations, connectionTo, fastClock, secrets } from './served.ts'

const place = { namespace: 'mlgitops-system', name: 'mlgitops-webhook-ca' }
const service = { name: 'mlgitops-webhook', namespace: 'mlgitops-system', path: '/validate' }
const theirs = {
  name: 'theirs.example.com',
  clientConfig: { service: { name: 'x', namespace: 'y' }, caBundle: 'AA==' }
}
const names = ['mlgitops-webhook.mlgitops-system.svc', '127.0.0.1']

/** A server with a configuration of three webhooks, two of which are ours. */
async function prepare(t: Test) {
  const server = await startFakeApiServer(t, { resources: [secrets, configurations] })
  server.put('validatingwebhookconfigurations', {
    metadata: { name: 'mlgitops', labels: { a: 'b' } },
    webhooks: [
      { name: 'policies.mlgitops.io', clientConfig: { service }, failurePolicy: 'Fail' },
      theirs,
      {
        name: 'strict.mlgitops.io',
        clientConfig: { url: 'https://127.0.0.1:8443/validate/strict' }
      }
    ]
  })
  const client = new ApiClient(connectionTo(server), 'mlgitops/test')
  const secret = new SecretStore(client, place)
  const bundle = new WebhookBundleStore(client, 'mlgitops', names)
  return { server, client, secret, bundle }
}

function webhooksOf(server: FakeApiServer): readonly JsonObject[] {
  const object = server.get('validatingwebhookconfigurations', 'mlgitops')
  return object?.webhooks as unknown as readonly JsonObject[]
}

function bundleOf(server: FakeApiServer): string {
  const { caBundle = '' } = webhooksOf(server)[0]?.clientConfig as { readonly caBundle?: string }
  return Buffer.from(caBundle, 'base64').toString()
}

t.test(
  'a Secret is created if it does not exist, and written only from its newest version',
  async t => {
    const { server, client, secret } = await prepare(t)
    t.same(await secret.read(), { data: {}, version: undefined })
    t.equal(await secret.write({ 'ca.crt': 'ü' }, undefined), true)
    t.same(server.get('secrets', place.name, place.namespace)?.data, { 'ca.crt': 'w7w=' })
    const other = new SecretStore(client, place)
    t.equal(await other.write({ 'ca.crt': 'mine' }, undefined), false, 'somebody made it meanwhile')
    const [mine, others] = [await secret.read(), await other.read()]
    t.same(mine.data, { 'ca.crt': 'ü' })
    t.equal(await other.write({ 'ca.crt': '2' }, others.version), true)
    t.equal(await secret.write({ 'ca.crt': '3' }, mine.version), false)
    const last = await secret.read()
    server.delete('secrets', place.name, place.namespace)
    t.equal(await secret.write({ 'ca.crt': '3' }, last.version), false, 'it is gone')
  }
)

t.test(
  'an existing Secret keeps its labels; members that we no longer have are dropped',
  async t => {
    const { server, secret } = await prepare(t)
    server.put('secrets', { metadata: { ...place, labels: { a: 'b' } }, type: 'Opaque' })
    const { data, version } = await secret.read()
    t.same(data, {})
    await secret.write({ a: '1', b: '2' }, version)
    await secret.write({ a: '3' }, (await secret.read()).version)
    t.match(server.get('secrets', place.name, place.namespace), {
      type: 'Opaque',
      metadata: { labels: { a: 'b' } },
      data: { a: 'Mw==', b: undefined }
    })
  }
)

t.test('a bundle is written into our webhooks, and nothing else is touched', async t => {
  const { server, client, bundle } = await prepare(t)
  const before = webhooksOf(server)
  const { bundlePem, version } = await bundle.read()
  t.equal(bundlePem, '')
  t.equal(await bundle.write('PEM', version), true)
  const caBundle = Buffer.from('PEM').toString('base64')
  const [first, second, third] = webhooksOf(server)
  t.same(first, { ...before[0], clientConfig: { service, caBundle } })
  t.same(second, theirs)
  t.match(third, { clientConfig: { caBundle } })
  t.equal((await bundle.read()).bundlePem, 'PEM')
  t.equal(await bundle.write('later', version), false, 'it has changed since')
  const differing = webhooksOf(server).map((webhook, i) =>
    i === 0 ? { ...webhook, clientConfig: { service } } : webhook
  )
  server.put('validatingwebhookconfigurations', {
    metadata: { name: 'mlgitops' },
    webhooks: differing
  })
  t.equal((await bundle.read()).bundlePem, '', 'where one lacks it, it is not published')
  const nobodys = new WebhookBundleStore(client, 'mlgitops', ['nobody.svc'])
  await t.rejects(nobodys.read(), {
    code: 'WEBHOOK_CONFIGURATION',
    details: {
      where: 'validatingwebhookconfiguration mlgitops',
      found: 'mlgitops-webhook.mlgitops-system.svc, x.y.svc, 127.0.0.1',
      expected: 'nobody.svc'
    }
  })
})

/** Enough to notice a lost request, and not so much that the clocks of certificates cannot be kept. */
const light = { keeping: 1, shaking: 1, pauseMs: 15 }

/** In seconds what is in days elsewhere, with a second to settle: a busy machine learns of a bundle late. */
const unhurried: RotationSettings = {
  authorityLifetimeMs: 13_000,
  renewBeforeMs: 11_000,
  settleMs: 1_500,
  leafLifetimeMs: 6_000,
  skewMs: 1_000
}

/** A replica whose manager talks to the server. */
function replicaOf(
  server: FakeApiServer,
  settings: RotationSettings,
  onLeaf: (pair: TlsPair) => void
) {
  const client = new ApiClient(connectionTo(server), 'mlgitops/test')
  return new CertificateManager({
    secrets: new SecretStore(client, place),
    bundles: new WebhookBundleStore(client, 'mlgitops', names),
    settings,
    names,
    onLeaf,
    logger: silentLogger,
    now: () => Date.now(),
    sleep: ms => fastClock.sleep(ms * 5, new AbortController().signal),
    random: () => Math.random()
  })
}

t.test('five replicas that start at once share one CA', async t => {
  const { server } = await prepare(t)
  const leaves: TlsPair[] = []
  const replicas = Array.from({ length: 5 }, () =>
    replicaOf(server, calmSettings, pair => leaves.push(pair))
  )
  t.same(await Promise.all(replicas.map(replica => replica.tick())), [true, true, true, true, true])
  t.equal(leaves.length, 5, 'each has a leaf of its own')
  t.equal(bundleOf(server).match(/BEGIN CERTIFICATE/g)?.length, 1)
  const authorities = replicas.map(
    each => each.ends().find(({ kind }) => kind === 'ca')?.notAfterMs
  )
  t.equal(new Set(authorities).size, 1)
  for (const replica of replicas) t.equal(replica.notReadyReason(), undefined)
  const { version } = server.storage
  await Promise.all(replicas.map(replica => replica.tick()))
  t.equal(server.storage.version, version, 'nothing is written when nothing is due')
})

t.test('the reason names what RBAC refuses; the leaf in use stays', async t => {
  const { server } = await prepare(t)
  const replica = replicaOf(server, calmSettings, () => undefined)
  await replica.tick()
  server.isAllowed = (_user, _verb, kind) => kind !== 'secrets'
  t.equal(await replica.tick(), false)
  t.equal(replica.isCurrent(), false)
  t.equal(replica.notReadyReason(), undefined, 'what it serves is still trusted')
  const second = replicaOf(server, calmSettings, () => undefined)
  await second.tick()
  t.match(
    second.notReadyReason(),
    /secrets is forbidden: User "admin" cannot get resource "secrets"/
  )
})

t.test('two replicas rotate the CA through the API under load, and no request is lost', async t => {
  const { server } = await prepare(t)
  const servers = await Promise.all(
    [1, 2].map(() => startServer({ listen, routes: [echo], tls: {} }))
  )
  t.teardown(() => Promise.all(servers.map(each => each.close(0))))
  const ends = await Promise.all(
    servers.map(each => {
      const manager = replicaOf(server, unhurried, pair => {
        each.setSecureContext(pair)
      })
      // Every 50 ms, where it is every 30 s elsewhere.
      return keepUp(manager, {
        sleep: (_ms, signal) => fastClock.sleep(5_000, signal),
        random: () => 0.5
      })
    })
  )
  const authority = bundleOf(server)
  const clients = new LateClients(authority)
  const endMs = Date.now() + minuteMs
  const isOver = () => !clients.trusted.includes(authority) || Date.now() > endMs
  const loads = servers.map(each => load(each, () => clients.trusted, isOver, light))
  await eventually(() => {
    clients.learn(bundleOf(server))
    return isOver()
  })
  const outcomes = await Promise.all(loads)
  for (const end of ends) end()
  t.notOk(clients.trusted.includes(authority), 'the first authority is gone')
  for (const { answered, failures } of outcomes) {
    t.same(failures, [])
    t.ok(answered > 20, `${answered} requests were answered`)
  }
})
