import https from 'node:https'
import { connect } from 'node:tls'
import type { PeerCertificate } from 'node:tls'
import t from 'tap'
import type { Test } from 'tap'
import { issueAuthority, issueLeaf } from '../../service/certificates/issue.ts'
import { startServer } from '../../service/http/server.ts'
import type { RunningServer } from '../../service/http/server.ts'
import type { TlsPair } from '../../service/http/tls.ts'
import { eventually } from '../eventually.ts'
import { Cluster, dayMs } from './cluster.ts'
import { fastClock } from './kubernetes/served.ts'
import { ask, echo, listen } from './loopback.ts'
import { LateClients, load, quick } from './tls-load.ts'

async function serve(t: Test, pair: TlsPair): Promise<RunningServer> {
  const server = await startServer({ listen, routes: [echo], tls: { pair } })
  t.teardown(() => server.close(0))
  return server
}

/** The certificate that the server shows in a new handshake. */
function shown(server: RunningServer): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...server.address, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate())
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

t.test(
  'Replacing the certificate a hundred times under load fails no request and closes no connection',
  async t => {
    const validity = { notBeforeMs: Date.now() - dayMs, notAfterMs: Date.now() + dayMs }
    const authority = await issueAuthority('test', validity)
    const pairs = await Promise.all(
      Array.from({ length: 10 }, () => issueLeaf(authority, ['127.0.0.1'], validity))
    )
    const server = await serve(t, pairs[0] ?? authority)
    let isOver = false
    const done = load(
      server,
      () => authority.certificatePem,
      () => isOver
    )
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number | undefined>()
    agent.on('free', (socket: { localPort?: number }) => ports.add(socket.localPort))
    const serials = new Set<string>()
    for (let i = 1; i <= 100; i += 1) {
      const pair = pairs[i % pairs.length]
      if (pair) server.setSecureContext(pair)
      await ask(server, { agent, ca: authority.certificatePem })
      if (i % 10 < 2) serials.add((await shown(server)).serialNumber)
    }
    isOver = true
    agent.destroy()
    const { answered, failures } = await done
    t.same(failures, [])
    t.ok(answered > 100, `${answered} requests were answered`)
    t.equal(ports.size, 1, 'one connection stays open all the time')
    t.equal(serials.size, 2, 'new handshakes see the new certificate')
  }
)

t.test('A broken pair is refused, and the server keeps the last one', async t => {
  const validity = { notBeforeMs: Date.now() - dayMs, notAfterMs: Date.now() + dayMs }
  const authority = await issueAuthority('test', validity)
  const pair = await issueLeaf(authority, ['127.0.0.1'], validity)
  const server = await serve(t, pair)
  t.throws(() => {
    server.setSecureContext({ ...pair, keyPem: authority.keyPem })
  })
  t.equal((await ask(server, { ca: authority.certificatePem })).status, 404)
})

t.test('A CA rotation under load fails no request', async t => {
  const cluster = new Cluster()
  const leaves: TlsPair[] = []
  const started: { server?: RunningServer } = {}
  const { manager } = cluster.replica({
    settings: quick,
    names: ['127.0.0.1'],
    now: () => Date.now(),
    sleep: ms => fastClock.sleep(ms * 100, new AbortController().signal),
    onLeaf: pair => {
      leaves.push(pair)
      started.server?.setSecureContext(pair)
    }
  })
  t.equal(await manager.tick(), true)
  const [first] = leaves
  if (!first) throw new Error('no leaf')
  const server = await serve(t, first)
  started.server = server
  const authority = cluster.bundle.value
  const bundles = new Set([authority])
  // Clients are late by less than the time to settle.
  const clients = new LateClients(authority)
  const isOver = () => !clients.trusted.includes(authority)
  const done = load(server, () => clients.trusted, isOver)
  await eventually(async () => {
    await manager.tick()
    const bundle = cluster.bundle.value
    bundles.add(bundle)
    clients.learn(bundle)
    return isOver()
  })
  const { answered, failures } = await done
  t.same(failures, [])
  t.ok(answered > 100, `${answered} requests were answered`)
  t.ok(leaves.length >= 3, `${leaves.length} leaves were served`)
  const published = [...bundles].map(pem => pem.split(/(?<=-----END CERTIFICATE-----\n)/))
  t.same(published[0], [authority])
  for (const [i, { 0: signer = '' }] of published.entries()) {
    const before = published[i - 1] ?? [authority]
    t.ok(before.includes(signer), `bundle ${i}: clients trusted its signer before it signed`)
  }
  const overlap = published.filter(pems => pems[0] !== authority && pems.includes(authority))
  t.ok(overlap.length > 0, 'the new CA signed while the old one was still trusted')
  t.equal(manager.notReadyReason(), undefined)
})
