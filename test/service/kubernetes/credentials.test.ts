import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect as connectSocket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import t from 'tap'
import type { Test } from 'tap'
import type { Fault } from '../../../common/fault.ts'
import { readAuthority } from '../../../service/certificates/authority.ts'
import { issueAuthority, issueLeaf } from '../../../service/certificates/issue.ts'
import type { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { connect } from '../../../service/kubernetes/connect.ts'
import { startFakeApiServer } from './fake-api-server.ts'
import { policy } from './informed.ts'
import { modelPolicies } from './served.ts'

const validity = { notBeforeMs: Date.now() - 60_000, notAfterMs: Date.now() + 3_600_000 }

/** An HTTPS API server with one policy, and a folder for kubeconfigs, scripts and what they write. */
async function prepare(t: Test) {
  const pair = await issueAuthority('test', validity)
  const ca = readAuthority(pair.certificatePem, pair.keyPem, 'test')
  const tls = await issueLeaf(ca, ['127.0.0.1', 'localhost'], validity)
  const server = await startFakeApiServer(t, { resources: [modelPolicies], tls })
  server.put('modelpolicies', policy('a'))
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-credentials-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  const write = (name: string, text: string) => {
    writeFileSync(path.join(folder, name), text)
  }
  const script = (name: string, text: string) => {
    write(name, `#!/bin/sh\n${text}\n`)
    chmodSync(path.join(folder, name), 0o755)
  }
  const caData = Buffer.from(ca.certificatePem).toString('base64')
  const cluster = { server: server.url, 'certificate-authority-data': caData }
  const client = async (user: object, more: object = {}): Promise<ApiClient> => {
    write('config', kubeconfig({ ...cluster, ...more }, user))
    const connected = await connect('config', { env: {}, folder }, 'mlgitops/test')
    t.teardown(() => {
      connected.close()
    })
    return connected
  }
  return { server, ca, tls, folder, write, script, client }
}

/** JSON is YAML. */
function kubeconfig(cluster: object, user: object): string {
  return JSON.stringify({
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }]
  })
}

/** The names of the policies, or the sentence of the fault. */
async function names(client: ApiClient): Promise<string> {
  try {
    const { objects } = await client.list(modelPolicies, {}, undefined)
    return objects.map(({ name }) => name).join(' ')
  } catch (error) {
    const { code, message } = error as Fault
    return `${code} ${message}`
  }
}

t.test('an exec plugin: its token is kept until it expires or is refused', async t => {
  const { server, folder, write, script, client } = await prepare(t)
  const credential = (token: string, expirationTimestamp?: string) =>
    JSON.stringify({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token, expirationTimestamp }
    })
  write('credential', credential('admin-token'))
  write('runs', '')
  script(
    'plugin',
    `echo "$1 $REGION $KUBERNETES_EXEC_INFO" >> '${folder}/runs'; cat '${folder}/credential'`
  )
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: './plugin',
    args: ['get-token'],
    env: [{ name: 'REGION', value: 'north' }],
    provideClusterInfo: true
  }
  const runs = () => readFileSync(path.join(folder, 'runs'), 'utf8').split('\n').slice(0, -1)
  const kube = await client({ exec })
  t.same(await Promise.all([names(kube), names(kube), names(kube)]), ['a', 'a', 'a'])
  t.equal(runs().length, 1, 'requests that start together share one run')
  const [, region, info = ''] = /^get-token (\w+) (.*)$/.exec(runs()[0] ?? '') ?? []
  t.equal(region, 'north')
  t.match(JSON.parse(info), {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: server.url } }
  })
  t.equal(await names(kube), 'a')
  t.equal(runs().length, 1, 'a token without an end is kept')

  server.tokens.delete('admin-token')
  server.tokens.set('short-token', 'admin')
  write('credential', credential('short-token', new Date(Date.now() - 1_000).toISOString()))
  t.match(await names(kube), /^KUBERNETES_UNAUTHORIZED .*: Unauthorized$/)
  t.equal(await names(kube), 'a', 'a refused token is replaced for the next request')
  t.equal(runs().length, 2)
  t.equal(await names(kube), 'a')
  t.equal(runs().length, 3, 'an expired token is replaced before the request')
})

t.test(
  'an exec plugin that fails, hangs or says nonsense is a fault, and is run again',
  async t => {
    const { script, client } = await prepare(t)
    const kube = await client({ exec: { command: './plugin' } })
    const refused =
      'KUBERNETES_UNREACHABLE cannot ask the API server to list modelpolicies.mlgitops.io: '
    t.match(await names(kube), `${refused}cannot get credentials: ENOENT`)
    script('plugin', 'echo "the session has expired" >&2; exit 1')
    t.equal(await names(kube), `${refused}cannot get credentials: the session has expired`)
    script('plugin', 'echo admin-token')
    t.equal(await names(kube), `${refused}cannot get credentials: not valid JSON`, 'no secret')
    script('plugin', 'exec sleep 1')
    const hanging = kube.list(modelPolicies, {}, undefined, AbortSignal.timeout(50))
    await t.rejects(hanging, { message: /cannot get credentials: no answer in time$/ })
    const again = await client({ exec: { command: './plugin' } })
    script('plugin', `echo '{"status":{"token":"admin-token"}}'`)
    t.equal(await names(again), 'a')
  }
)

t.test('an auth provider whose command prints a token', async t => {
  const { folder, script, client } = await prepare(t)
  script(
    'print-token',
    `echo '{"credential":{"token":"admin-token","end":"2999-01-01T00:00:00Z"}}'`
  )
  const config = {
    'cmd-path': path.join(folder, 'print-token'),
    'token-key': '{.credential.token}',
    'expiry-key': '{.credential.end}'
  }
  t.equal(await names(await client({ 'auth-provider': { name: 'gcp', config } })), 'a')
})

t.test('OIDC: an expired ID token is refreshed once, and not for each request', async t => {
  const { server, ca, tls, client } = await prepare(t)
  setDefaultCACertificates([...getCACertificates(), ca.certificatePem])
  const idToken = (name: string, endsInS: number) => {
    const claims = {
      iss: issuer,
      aud: 'mlgitops',
      sub: name,
      iat: Math.floor(Date.now() / 1_000),
      exp: Math.floor(Date.now() / 1_000) + endsInS
    }
    const parts = [{ alg: 'RS256', typ: 'JWT' }, claims].map(each => JSON.stringify(each))
    return [...parts, 'signature'].map(part => Buffer.from(part).toString('base64url')).join('.')
  }
  const grants: string[] = []
  const provider = https.createServer(
    { cert: tls.certificatePem, key: tls.keyPem },
    (request, response) => {
      response.setHeader('content-type', 'application/json')
      if (request.url?.includes('.well-known') === true) {
        response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token` }))
        return
      }
      request.on('data', (chunk: Buffer) => grants.push(chunk.toString()))
      request.on('end', () => {
        const token = idToken(`refreshed-${grants.length}`, 3_600)
        server.tokens.set(token, 'admin')
        response.end(
          JSON.stringify({
            id_token: token,
            access_token: 'x',
            token_type: 'bearer',
            expires_in: 3_600,
            refresh_token: 'second-refresh-token'
          })
        )
      })
    }
  )
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
  t.teardown(() => {
    provider.closeAllConnections()
    provider.close()
  })
  const issuer = `https://127.0.0.1:${(provider.address() as AddressInfo).port}`
  const config = {
    'client-id': 'mlgitops',
    'id-token': idToken('old', -60),
    'refresh-token': 'first-refresh-token',
    'idp-issuer-url': issuer
  }
  const kube = await client({ 'auth-provider': { name: 'oidc', config } })
  t.same([await names(kube), await names(kube), await names(kube)], ['a', 'a', 'a'])
  t.equal(grants.length, 1)
  t.match(grants[0], 'refresh_token=first-refresh-token')
  const secret = { ...config, 'client-secret': 'x', 'idp-certificate-authority': 'ca.crt' }
  await t.rejects(client({ 'auth-provider': { name: 'oidc', config: secret } }), {
    message: 'the kubeconfig has unsupported settings',
    details: { found: 'idp-certificate-authority, client-secret' }
  })
})

/** A proxy that only tunnels: it answers CONNECT, and counts how often. */
async function startProxy(t: Test) {
  const tunnels: string[] = []
  const headers: (string | undefined)[] = []
  const proxy = http.createServer((_request, response) => response.writeHead(405).end())
  proxy.on('connect', (request: http.IncomingMessage, client, head: Buffer) => {
    tunnels.push(request.url ?? '')
    headers.push(request.headers['proxy-authorization'])
    const [host = '', port = ''] = (request.url ?? '').split(':')
    const upstream = connectSocket(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(client)
      client.pipe(upstream)
    })
    for (const socket of [upstream, client]) {
      socket.on('error', () => {
        upstream.destroy()
        client.destroy()
      })
    }
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return { tunnels, headers, port: (proxy.address() as AddressInfo).port }
}

t.test('a proxy: one tunnel for many requests, and its refusal is a fault', async t => {
  const { server, client } = await prepare(t)
  const proxy = await startProxy(t)
  const kube = await client(
    { token: 'admin-token' },
    { 'proxy-url': `http://user:word@127.0.0.1:${proxy.port}` }
  )
  t.same([await names(kube), await names(kube)], ['a', 'a'])
  t.same(proxy.tunnels, [`127.0.0.1:${server.port}`], 'the connection is kept')
  t.same(proxy.headers, [`Basic ${Buffer.from('user:word').toString('base64')}`])

  const refusing = http.createServer()
  refusing.on('connect', (_request, socket) => socket.end('HTTP/1.1 407 No\r\n\r\n'))
  refusing.listen(0, '127.0.0.1')
  await once(refusing, 'listening')
  t.teardown(() => refusing.close())
  const { port } = refusing.address() as AddressInfo
  const refused = await client(
    { token: 'admin-token' },
    { 'proxy-url': `http://127.0.0.1:${port}` }
  )
  t.equal(
    await names(refused),
    'KUBERNETES_UNREACHABLE cannot ask the API server to list modelpolicies.mlgitops.io: Bad response: 407'
  )
})

t.test('connections are kept: many requests, one TLS handshake', async t => {
  const { server, client } = await prepare(t)
  const sockets = new Set<number | undefined>()
  server.intercept = (_asked, response) => {
    sockets.add(response.socket?.remotePort)
    return false
  }
  const kube = await client({ token: 'admin-token' })
  for (let count = 0; count < 5; count += 1) t.equal(await names(kube), 'a')
  t.equal((await kube.get(modelPolicies, { name: 'a' })).name, 'a')
  t.equal(sockets.size, 1)
})
