import 'reflect-metadata'
import {
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  X509Certificate,
  X509CertificateGenerator
} from '@peculiar/x509'
import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { EventEmitter } from 'node:events'
import http from 'node:http'
import { connect as connectTls } from 'node:tls'
import t from 'tap'
import { issueAuthority, issueLeaf } from '../../service/certificates/issue.ts'
import { silentObserver } from '../../service/http/observer.ts'
import { startServer } from '../../service/http/server.ts'
import type { TlsPair } from '../../service/http/tls.ts'
import { silentLogger } from '../../service/log.ts'
import { httpObserver } from '../../service/metrics/http-metrics.ts'
import { createRegistry } from '../../service/metrics/process-metrics.ts'
import { eventually } from '../eventually.ts'
import { ask, echo, listen, start } from './loopback.ts'

const dayMs = 86_400_000
const validity = { notBeforeMs: Date.now() - dayMs, notAfterMs: Date.now() + dayMs }

t.test('an address in use and an unusable pair are faults', async t => {
  const server = await start(t, { routes: [] })
  const taken = { host: '127.0.0.1', port: server.address.port }
  await t.rejects(startServer({ listen: taken, routes: [] }), {
    code: 'LISTEN_FAILED',
    details: { where: `127.0.0.1:${taken.port}`, found: 'EADDRINUSE' }
  })
  const pair = { certificatePem: 'x', keyPem: 'y' }
  await t.rejects(startServer({ listen, routes: [], tls: { pair } }), { code: 'TLS_PAIR_INVALID' })
})

t.test('a server on IPv6 or on every address has a URL', async t => {
  const six = await startServer({ listen: { host: '::1', port: 0 }, routes: [echo] })
  t.teardown(() => six.close(0))
  t.match(six.url, /^http:\/\/\[::1\]:\d+$/)
  t.equal((await ask(six)).status, 404)
  const every = await startServer({ listen: { host: undefined, port: 0 }, routes: [echo] })
  t.teardown(() => every.close(0))
  t.match(every.url, /^http:\/\/\[::\]:\d+$/)
  const address = { host: '127.0.0.1', port: every.address.port }
  t.equal((await ask({ address })).status, 404)
})

t.test('connections that cannot be accepted are counted, and the server keeps running', async t => {
  const registry = createRegistry('1')
  const server = await start(t, { routes: [echo], observer: httpObserver(registry, silentLogger) })
  // Node emits this on the server if the process has too many open files; the test emits it.
  const channel = 'http.server.request.start'
  const found = Promise.withResolvers<EventEmitter>()
  const listener = (message: unknown) => {
    found.resolve((message as { server: EventEmitter }).server)
  }
  subscribe(channel, listener)
  t.equal((await ask(server)).status, 404)
  unsubscribe(channel, listener)
  const emitter = await found.promise
  for (let i = 0; i < 3; i += 1) {
    emitter.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
  }
  t.equal((await ask(server)).status, 404)
  t.match(await registry.metrics(), /^mlgitops_http_accept_failures_total\{reason="EMFILE"\} 3$/m)
})

t.test('a failed handshake is counted by its reason', async t => {
  const authority = await issueAuthority('test', validity)
  const pair = await issueLeaf(authority, ['127.0.0.1'], validity)
  const registry = createRegistry('1')
  const observer = httpObserver(registry, silentLogger)
  const server = await startServer({ listen, routes: [echo], tls: { pair }, observer })
  t.teardown(() => server.close(0))
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  await t.rejects(once(connectTls({ ...server.address, ...old }), 'secureConnect'))
  const count = /^mlgitops_tls_handshake_failures_total\{reason="ERR_SSL_[^"]+"\} 1$/m
  await eventually(async () => count.test(await registry.metrics()))
})

t.test('HTTPS: TLS 1.2 with AEAD suites or 1.3, HTTP/1.1 only', async t => {
  const authority = await issueAuthority('test', validity)
  const pair = await issueLeaf(authority, ['a.b.svc', '127.0.0.1'], validity)
  const failures: string[] = []
  const observer = { ...silentObserver, handshakeFailed: (code: string) => failures.push(code) }
  const server = await startServer({ listen, routes: [echo], tls: { pair }, observer })
  t.teardown(() => server.close(0))
  t.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/)
  const shake = async (options: object): Promise<string> => {
    const socket = connectTls({
      ...server.address,
      servername: 'a.b.svc',
      ca: authority.certificatePem,
      ...options
    })
    try {
      await once(socket, 'secureConnect')
      return `${socket.getProtocol() ?? ''} ${socket.getCipher().name} ${String(socket.alpnProtocol)}`
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'unknown'
    } finally {
      socket.destroy()
    }
  }
  t.equal(
    await shake({ ALPNProtocols: ['h2', 'http/1.1'] }),
    'TLSv1.3 TLS_AES_128_GCM_SHA256 http/1.1'
  )
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'DEFAULT@SECLEVEL=0' }
  t.match(await shake(old), /^TLSv1\.2 ECDHE-ECDSA-AES\d+-GCM-/)
  t.equal(
    await shake({ ...old, ciphers: 'ECDHE-ECDSA-AES128-SHA' }),
    'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'
  )
  t.equal(await shake({ ...old, maxVersion: 'TLSv1.1' }), 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
  t.equal(await shake({ servername: 'other.svc' }), 'ERR_TLS_CERT_ALTNAME_INVALID')
  t.ok(failures.length >= 2, 'failed handshakes are observed')
})

/** A client certificate of a CA; {@link issueLeaf} issues none. */
async function issueClient(authority: TlsPair): Promise<TlsPair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const der = createPrivateKey(authority.keyPem).export({ format: 'der', type: 'pkcs8' })
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=client',
    issuer: new X509Certificate(authority.certificatePem).subjectName,
    notBefore: new Date(validity.notBeforeMs),
    notAfter: new Date(validity.notAfterMs),
    publicKey: keys.publicKey,
    signingKey: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']),
    extensions: [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])]
  })
  const keyPem = KeyObject.from(keys.privateKey).export({ format: 'pem', type: 'pkcs8' }).toString()
  return { certificatePem: certificate.toString('pem'), keyPem }
}

t.test('a client certificate can be required', async t => {
  const authority = await issueAuthority('test', validity)
  const pair = await issueLeaf(authority, ['127.0.0.1'], validity)
  const tls = { pair, clientCaPem: authority.certificatePem }
  const server = await startServer({ listen, routes: [echo], tls })
  t.teardown(() => server.close(0))
  const send = (client?: TlsPair) => {
    const sent = { method: 'POST', path: '/echo', body: '{}' }
    return ask(server, { ...sent, ca: authority.certificatePem, ...(client && { client }) })
  }
  t.equal((await send(await issueClient(authority))).status, 200)
  await t.rejects(send(), 'none')
  await t.rejects(send(pair), 'a server certificate')
  const other = await issueAuthority('test', validity)
  await t.rejects(send(await issueClient(other)), 'a certificate of another CA')
  server.setSecureContext(await issueLeaf(authority, ['127.0.0.1'], validity))
  await t.rejects(send(), 'also with the next pair')
  t.equal((await send(await issueClient(authority))).status, 200)
})

t.test('keep-alive connections stay open longer than the 90 seconds of the API server', async t => {
  const server = await start(t, { routes: [echo] })
  const agent = new http.Agent({ keepAlive: true })
  const reply = await ask(server, { method: 'POST', path: '/echo', body: '{}', agent })
  agent.destroy()
  t.match(reply.headers, { connection: 'keep-alive', 'keep-alive': 'timeout=95' })
})
