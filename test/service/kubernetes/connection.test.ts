import type https from 'node:https'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { describeFault, Fault } from '../../../common/fault.ts'
import { readAuthority } from '../../../service/certificates/authority.ts'
import { issueAuthority, issueLeaf } from '../../../service/certificates/issue.ts'
import { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { connect } from '../../../service/kubernetes/connect.ts'
import { inClusterConnection, isInCluster } from '../../../service/kubernetes/in-cluster.ts'
import { kubeconfigConnection } from '../../../service/kubernetes/kubeconfig.ts'
import { startFakeApiServer } from './fake-api-server.ts'
import { policy } from './informed.ts'
import { modelPolicies } from './served.ts'

const validity = { notBeforeMs: Date.now() - 60_000, notAfterMs: Date.now() + 3_600_000 }

async function authority() {
  const pair = await issueAuthority('test', validity)
  return readAuthority(pair.certificatePem, pair.keyPem, 'test')
}

/** An HTTPS server with one policy, and a folder with its authority. */
async function prepare(t: Test) {
  const ca = await authority()
  const tls = await issueLeaf(ca, ['127.0.0.1', 'api.example'], validity)
  const server = await startFakeApiServer(t, { resources: [modelPolicies], tls })
  server.put('modelpolicies', policy('a'))
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-account-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  const write = (name: string, text: string) => {
    writeFileSync(path.join(folder, name), text)
  }
  write('ca.crt', ca.certificatePem)
  write('token', 'admin-token\n')
  write('namespace', 'mlgitops-system')
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: `${server.port}` }
  return { server, ca, folder, write, env }
}

/** The names of the policies, or the code of the fault. */
async function names(client: ApiClient): Promise<string> {
  try {
    const { objects } = await client.list(modelPolicies, {}, undefined)
    return objects.map(({ name }) => name).join(' ')
  } catch (error) {
    return (error as Fault).message.replace(/.*modelpolicies.mlgitops.io: /, '')
  }
}

async function faultOf(make: () => unknown): Promise<string> {
  try {
    await make()
    return 'none'
  } catch (error) {
    return describeFault(error as Fault)
  }
}

t.test('a pod’s service account, whose token rotates while it runs', async t => {
  const { server, folder, write, env } = await prepare(t)
  let nowMs = 0
  const connection = inClusterConnection(env, () => nowMs, folder)
  t.equal(connection.namespace, 'mlgitops-system')
  const client = new ApiClient(connection, 'mlgitops/test')
  t.equal(await names(client), 'a')
  write('token', 'next-token')
  server.tokens.set('next-token', 'admin')
  t.equal(await names(client), 'a', 'the old token is used for a minute')
  t.equal((await connection.credentials()).authorization, 'Bearer admin-token')
  nowMs = 60_000
  t.equal((await connection.credentials()).authorization, 'Bearer next-token')
  server.tokens.delete('next-token')
  write('token', 'third-token')
  server.tokens.set('third-token', 'admin')
  t.equal(await names(client), 'Unauthorized', 'a revoked token')
  t.equal(await names(client), 'a', 'the file is read again at once')
  rmSync(path.join(folder, 'token'))
  nowMs = 200_000
  t.equal(await names(client), 'a', 'a token file that is being replaced')
  renameSync(path.join(folder, 'ca.crt'), path.join(folder, 'old.crt'))
  t.equal(await names(client), 'a', 'a CA file that is being replaced')
  renameSync(path.join(folder, 'old.crt'), path.join(folder, 'ca.crt'))
  write('token', '\n')
  nowMs = 300_000
  t.equal(await names(client), 'a', 'an empty file')
})

t.test('a CA that rotates while it runs; another CA is not trusted', async t => {
  const { server, ca, folder, write, env } = await prepare(t)
  const other = await authority()
  write('ca.crt', other.certificatePem)
  let nowMs = 0
  const client = new ApiClient(
    inClusterConnection(env, () => nowMs, folder),
    'mlgitops/test'
  )
  t.match(await names(client), /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED|CERT_SIGNATURE_FAILURE/)
  t.same(server.log, [], 'no token was sent')
  write('ca.crt', ca.certificatePem)
  nowMs = 60_000
  t.equal(await names(client), 'a')
})

t.test('outside a pod', async t => {
  t.equal(isInCluster({}), false)
  t.equal(isInCluster({ KUBERNETES_SERVICE_HOST: '::1', KUBERNETES_SERVICE_PORT: '443' }), true)
  t.match(
    await faultOf(() => connect(undefined, { env: {}, folder: '.' }, 'x')),
    /this process does not run in a cluster \[KUBERNETES_CONFIGURATION\]\n.*\n.*or give --kubeconfig/
  )
  const { folder, env } = await prepare(t)
  const six = { ...env, KUBERNETES_SERVICE_HOST: '::1' }
  t.equal(inClusterConnection(six, () => 0, folder).server.hostname, '[::1]')
  rmSync(path.join(folder, 'token'))
  t.equal(
    await faultOf(() => inClusterConnection(env, () => 0, folder)),
    "the service account's token: cannot read a file of the Kubernetes client [KUBERNETES_CONFIGURATION]\n  found:    ENOENT"
  )
})

const kubeconfig = (cluster: string, user: string) => `
current-context: here
contexts:
  - {name: other, context: {cluster: other, user: other}}
  - {name: here, context: {cluster: c, user: u, namespace: team}}
clusters:
  - name: c
    cluster: {${cluster}}
users:
  - name: u
    user: {${user}}
`

t.test('a kubeconfig: contexts, data, files, tokens and client certificates', async t => {
  const { server, ca, folder, write } = await prepare(t)
  const data = Buffer.from(ca.certificatePem).toString('base64')
  const cases = [
    [`server: "${server.url}", certificate-authority: ca.crt`, 'token: admin-token'],
    [`server: "${server.url}", certificate-authority-data: ${data}`, 'tokenFile: token, token: no'],
    [
      `server: "https://localhost:${server.port}", tls-server-name: api.example, certificate-authority: ca.crt`,
      'token: admin-token'
    ]
  ] as const
  for (const [cluster, user] of cases) {
    write('config', kubeconfig(cluster, user))
    const client = await connect('config', { env: {}, folder }, 'mlgitops/test')
    t.equal(client.namespace, 'team')
    t.equal(await names(client), 'a', cluster)
    client.close()
  }
  const pairOf = await issueLeaf(ca, ['somebody'], validity)
  write('client.crt', pairOf.certificatePem)
  write('client.key', pairOf.keyPem)
  const pair = 'client-certificate: client.crt, client-key: client.key'
  write('config', kubeconfig(`server: "${server.url}", certificate-authority: ca.crt`, pair))
  const connection = kubeconfigConnection(path.join(folder, 'config'), 'config', () => 0)
  const { authorization, agent } = await connection.credentials()
  t.equal(authorization, undefined)
  const { cert } = (agent as https.Agent).options
  t.equal((cert as Buffer).toString(), pairOf.certificatePem)
  t.equal(await names(new ApiClient(connection, 'x')), 'Unauthorized', 'the pair was usable')
  const next = await issueLeaf(ca, ['somebody'], validity)
  write('client.crt', next.certificatePem)
  write('client.key', next.keyPem)
  const { agent: nextAgent } = await connection.credentials()
  t.not(nextAgent, agent, 'a rotated certificate is used for new connections')
  t.equal((await connection.credentials()).agent, nextAgent)
})

t.test('a token is never sent over plain HTTP', async t => {
  const server = await startFakeApiServer(t, { resources: [modelPolicies] })
  const tokens: string[] = []
  server.intercept = ({ token }) => {
    tokens.push(token)
    return false
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-account-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  writeFileSync(
    path.join(folder, 'config'),
    kubeconfig(`server: "${server.url}"`, 'token: admin-token')
  )
  t.equal(await names(await connect('config', { env: {}, folder }, 'x')), '')
  t.same(tokens, [''])
})

t.test('a kubeconfig that cannot be used is refused with its reason', async t => {
  const { folder, write } = await prepare(t)
  const refused = (text: string) => {
    write('config', text)
    return faultOf(() => connect('config', { env: {}, folder }, 'x'))
  }
  const server = 'server: "https://127.0.0.1:1"'
  t.match(await refused('[]'), 'config: the kubeconfig cannot be used [KUBERNETES_CONFIGURATION]')
  t.match(await refused('current-context: x'), 'expected: an entry named x')
  t.match(await refused('a: b'), 'expected: an entry named (not set)')
  t.match(await refused(kubeconfig('server: "ftp://x"', '')), 'expected: https://HOST:PORT')
  const withPassword = await refused(kubeconfig('server: "https://me:secret@127.0.0.1:1"', ''))
  t.match(withPassword, 'found:    a server with a user or a password')
  t.notMatch(withPassword, 'secret')
  t.match(await refused(`${kubeconfig(server, '')}\n---\na: b\n`), 'several YAML documents')
  t.match(
    await refused(kubeconfig(`${server}, insecure-skip-tls-verify: true`, '')),
    /insecure-skip-tls/
  )
  t.match(await refused(kubeconfig(`${server}, insecure-skip-tls-verify: false`, '')), /^none$/)
  const user = await refused(kubeconfig(server, 'username: x, password: y, as: z, as-groups: [g]'))
  t.match(user, 'config: users: the kubeconfig has unsupported settings')
  t.match(user, 'found:    username, password, as, as-groups')
  const proxy = `${server}, proxy-url: "ftp://proxy"`
  t.match(await refused(kubeconfig(proxy, '')), 'expected: http://, https:// or socks5://')
  t.match(
    await refused(kubeconfig(`${server}, certificate-authority: no.crt`, '')),
    /found: {4}ENOENT/
  )
  t.match(
    await faultOf(() => connect('none', { env: {}, folder }, 'x')),
    'none: the kubeconfig cannot be used [KUBERNETES_CONFIGURATION]\n  found:    ENOENT'
  )
})
