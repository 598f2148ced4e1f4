import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { run } from '../../../bin/run.ts'
import { startFakeApiServer } from '../../service/kubernetes/fake-api-server.ts'
import type { FakeApiServer } from '../../service/kubernetes/fake-api-server.ts'
import { ask, until } from '../../service/loopback.ts'
import { takeAnswer } from '../api-server.ts'
import {
  authority,
  begin,
  demanding,
  jobWith,
  leafFor,
  post,
  reviewOf,
  runServe,
  startWebhookWith
} from '../webhook-process.ts'
import type { WebhookProcess } from '../webhook-process.ts'
import { configurations, secrets } from '../../service/kubernetes/served.ts'
import { eventually } from '../../eventually.ts'
import { policyObject, served, unusableRules } from './policy-objects.ts'

const pair = await leafFor(1)
const tls = ['--tls-cert', 'tls.crt', '--tls-key', 'tls.key']

function kubeconfig({ url }: FakeApiServer): string {
  return JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: url } }],
    users: [{ name: 'u', user: {} }]
  })
}

/** A cluster with a policy that requires a label, and a folder for a webhook. */
async function prepare(t: Test) {
  const server = await startFakeApiServer(t, { resources: [...served, secrets, configurations] })
  server.put(
    'modelpolicies',
    policyObject('team', { spec: { matchConstraints: { roles: ['train'] } } })
  )
  server.put('namespaces', { metadata: { name: 'ml', labels: { tier: 'prod' } } })
  const folder = t.testdir({
    'tls.crt': pair.certificatePem,
    'tls.key': pair.keyPem,
    config: kubeconfig(server),
    policies: { 'team.json': demanding('team') }
  })
  return { server, folder }
}

async function readyz({ metricsServer }: WebhookProcess): Promise<string> {
  return (await ask(metricsServer, { path: '/readyz' })).body
}

async function becomes(read: () => Promise<string>, wanted: RegExp | string): Promise<void> {
  await eventually(async () => {
    const found = await read()
    return typeof wanted === 'string' ? found === wanted : wanted.test(found)
  })
}

/** What becomes of a training Job: `allowed`, `denied: ...`, or the status of an answer that is none. */
async function judged({ server }: WebhookProcess, more = {}, path = '/validate'): Promise<string> {
  const { status, body, headers } = await post(server, reviewOf(jobWith({}), more), { path })
  if (status !== 200) return `${status} ${headers['retry-after'] ?? ''} ${body.trim()}`
  const outcome = takeAnswer('a1b2', { status, body })
  return outcome.kind === 'denied' ? `denied: ${outcome.message}` : outcome.kind
}

const denied =
  'denied: admission webhook "policies.mlgitops.io" denied the request: 1 violation by batch/Job ml/train\n'

t.test('nothing is admitted before the policies are loaded', async t => {
  const { server, folder } = await prepare(t)
  server.intercept = ({ verb, plural }, response) => {
    if (verb !== 'list' || plural !== 'modelpolicies') return false
    response.writeHead(500).end('{}')
    return true
  }
  const webhook = await startWebhookWith(t, folder, [...tls, '--kubeconfig', 'config'])
  t.equal(await judged(webhook), '503 1 the policies are not loaded yet')
  t.equal((await ask(webhook.metricsServer, { path: '/readyz' })).status, 503)
  await becomes(
    () => readyz(webhook),
    /\[-\]policies: modelpolicies\.mlgitops\.io have not been listed yet: .* status 500\n/
  )
  server.intercept = () => false
  await becomes(
    () => readyz(webhook),
    /^\[\+\]policies ok\n\[\+\]exceptions ok\n\[\+\]namespaces ok\n\[\+\]permissions ok\n\[\+\]certificate ok\nready\n$/
  )
  t.match(await judged(webhook), denied)
})

t.test('policies of the cluster judge by policy set and by namespace labels', async t => {
  const { server, folder } = await prepare(t)
  const webhook = await startWebhookWith(t, folder, [...tls, '--kubeconfig', 'config'])
  await becomes(() => readyz(webhook), /\nready\n$/)
  t.match(await judged(webhook), denied)
  t.equal(await judged(webhook, {}, '/validate/strict'), '404  policy set not found')
  const selecting = (tier: string) =>
    policyObject('team', {
      spec: { matchConstraints: { namespaceSelector: { matchLabels: { tier } } } }
    })
  server.put('modelpolicies', selecting('test'))
  await becomes(() => judged(webhook), 'allowed')
  t.match(
    await judged(webhook, { namespace: 'new' }),
    /^400 /,
    'of a namespace that is not the object’s'
  )
  server.delete('namespaces', 'ml')
  await becomes(() => judged(webhook), new RegExp(denied))
  server.put('modelpolicies', policyObject('b', { set: 'strict', rules: unusableRules }))
  await becomes(
    () => judged(webhook, {}, '/validate/strict'),
    /the policy b selects this object and is invalid/
  )
  const { body } = await ask(webhook.metricsServer, { path: '/metrics' })
  t.match(body, '\nmlgitops_policies_current 0\n')
  t.match(body, '\nmlgitops_policy_load_failures_total 1\n')
  t.match(body, '\nmlgitops_policies_loaded{policy_set="strict"} 1\n')
  t.match(body, '\nmlgitops_kubernetes_objects{resource="modelpolicies.mlgitops.io"} 2\n')
  t.match(body, '\nmlgitops_kubernetes_lists_total{resource="namespaces"} 1\n')
  server.delete('modelpolicies', 'team')
  server.delete('modelpolicies', 'b')
  await becomes(() => judged(webhook), '404  policy set not found')
  const { body: none } = await ask(webhook.metricsServer, { path: '/metrics' })
  t.match(none, '\nmlgitops_policies_loaded{policy_set=""} 0\n')
  t.match(
    await readyz(webhook),
    '[-]policies: no ModelPolicy exists; without one, every object would be admitted'
  )
})

t.test('the API server is down for a while: the last policies stay in force', async t => {
  const { server, folder } = await prepare(t)
  const webhook = await startWebhookWith(t, folder, [...tls, '--kubeconfig', 'config'])
  await becomes(() => readyz(webhook), /\nready\n$/)
  const { port } = server
  await server.kill()
  t.match(await judged(webhook), denied)
  const again = await startFakeApiServer(t, { resources: served, port })
  again.storage.version = 900
  again.storage.compacted = 900
  again.put(
    'modelpolicies',
    policyObject('other', { rules: [{ labels: { required: [{ key: 'owner' }] } }] })
  )
  await becomes(() => judged(webhook), /the label owner is missing/)
})

t.test('readiness names a verb that RBAC lacks', async t => {
  const { server, folder } = await prepare(t)
  server.isAllowed = (_user, verb, kind) => !(verb === 'patch' && kind.endsWith('/status'))
  const webhook = await startWebhookWith(t, folder, [...tls, '--kubeconfig', 'config'])
  await becomes(
    () => readyz(webhook),
    /\[-\]permissions: RBAC lacks patch modelpolicies\.mlgitops\.io\/status; patch policyexceptions\.mlgitops\.io\/status\n/
  )
})

t.test('our own CA: the Secret, the caBundle and the served certificate match', async t => {
  const { server, folder } = await prepare(t)
  const webhooks = [
    { name: 'policies.mlgitops.io', clientConfig: { url: 'https://127.0.0.1/validate' } }
  ]
  server.put('validatingwebhookconfigurations', { metadata: { name: 'mlgitops' }, webhooks })
  let isAllowed = false
  server.isAllowed = (_user, _verb, kind) => isAllowed || kind !== 'secrets'
  const webhook = await startWebhookWith(t, folder, [
    ...['--policies', 'policies', '--kubeconfig', 'config', '--tls-name', '127.0.0.1'],
    ...['--tls-secret', 'mlgitops-system/ca', '--webhook-configuration', 'mlgitops']
  ])
  await becomes(
    () => readyz(webhook),
    /\[-\]permissions: RBAC lacks get, update secrets ca in mlgitops-system\n\[-\]certificate: .*secrets is forbidden/
  )
  isAllowed = true
  await becomes(() => readyz(webhook), /\nready\n$/)
  const published = server.get('validatingwebhookconfigurations', 'mlgitops')?.webhooks
  const [{ clientConfig }] = published as unknown as [{ clientConfig: { caBundle: string } }]
  const ca = Buffer.from(clientConfig.caBundle, 'base64').toString()
  const headers = { 'Content-Type': 'application/json' }
  const body = reviewOf(jobWith({ team: 'a' }))
  const reply = await ask(webhook.server, { method: 'POST', path: '/validate', headers, body, ca })
  t.equal(reply.status, 200)
  t.equal(takeAnswer('a1b2', reply).kind, 'allowed')
})

t.test('SIGTERM drains a review in flight and ends watches', async t => {
  const { server, folder } = await prepare(t)
  const webhook = await startWebhookWith(t, folder, [...tls, '--kubeconfig', 'config'])
  await becomes(() => readyz(webhook), /\nready\n$/)
  await until(() => server.watches.count === 3)
  const body = Buffer.from(reviewOf(jobWith({})))
  const review = await begin(webhook.server, body, 100)
  webhook.signal('SIGTERM')
  await becomes(() => readyz(webhook), /^\[-\]shutdown: the service is shutting down\n/)
  review.finish()
  const { status, body: answer } = await review.reply
  t.equal(takeAnswer('a1b2', { status, body: answer }).kind, 'denied')
  t.equal(await webhook.exited, 0)
  await until(() => server.watches.count === 0)
  t.match(webhook.stderr(), /"message":"shut down"/)
})

t.test('wrong command lines', async t => {
  const { folder } = await prepare(t)
  writeFileSync(path.join(folder, 'token'), 'x')
  const more = 'mlgitops serve --help says more.\n'
  const usage = async (args: readonly string[]) => {
    const { exitCode, stderr } = await run({ args: ['serve', 'webhook', ...args], env: {}, folder })
    t.equal(exitCode, 2)
    return stderr.replace(more, '').replace('mlgitops serve: ', '').trim()
  }
  t.equal(
    await usage([...tls, '--tls-secret', 'a/b']),
    'use either --tls-cert and --tls-key, or --tls-secret and --tls-name'
  )
  t.equal(
    await usage(['--tls-secret', 'a/b/c', '--tls-name', 'x']),
    '--tls-secret must be NAMESPACE/NAME'
  )
  t.equal(
    await usage(['--tls-secret', 'a/b']),
    'serve webhook needs --tls-cert and --tls-key, or --tls-secret and --tls-name'
  )
  t.equal(
    await usage([...tls, '--policies', 'x', '--kubeconfig', 'config']),
    '--kubeconfig is not needed: policies and certificates come from files'
  )
  const outside = await runServe(folder, ['webhook', ...tls])
  t.match(outside.stderr, /this process does not run in a cluster \[KUBERNETES_CONFIGURATION\]/)
  t.equal(outside.code, 1)
  t.ok(authority.certificatePem)
})
