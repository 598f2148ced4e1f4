import { EventEmitter, once } from 'node:events'
import http from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import t from 'tap'
import type { Test } from 'tap'
import { issueAuthority, issueLeaf } from '../../service/certificates/issue.ts'
import { healthRoutes } from '../../service/health-routes.ts'
import { startServer } from '../../service/http/server.ts'
import type { RunningServer } from '../../service/http/server.ts'
import { createLogger, silentLogger } from '../../service/log.ts'
import { Readiness } from '../../service/readiness.ts'
import { shutdownOnSignal } from '../../service/shutdown.ts'
import { ask, echo, gate, listen, until } from './loopback.ts'

t.test('SIGTERM: not ready at once, still answering, in-flight requests finish', async t => {
  const { route, open } = gate()
  const readiness = new Readiness()
  const routes = [route, echo, ...healthRoutes(readiness)]
  const server = await startServer({ listen, routes })
  const metrics = await startServer({ listen, routes: healthRoutes(readiness) })
  const signals = new EventEmitter()
  const events: string[] = []
  const done = shutdownOnSignal({
    signals,
    readiness,
    servers: [server],
    lastServers: [metrics],
    graceMs: 2_000,
    drainMs: 60_000,
    stop: () => void events.push('stop'),
    logger: silentLogger,
    exit: code => void events.push(`exit ${code}`)
  })
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  await ask(server, { path: '/readyz', agent })
  const inFlight = ask(server, { method: 'POST', path: '/wait', body: '{}' })
  await until(() => server.load.requests === 1)
  signals.emit('SIGTERM')
  t.equal((await ask(server, { path: '/readyz' })).status, 503)
  const late = await ask(server, { method: 'POST', path: '/echo', body: '{}', agent })
  t.same([late.status, late.headers.connection], [200, 'close'], 'answers close open connections')
  t.equal(
    (await ask(server, { path: '/healthz' })).status,
    200,
    'new connections are still accepted'
  )
  t.comment('after the grace period no new connection is accepted')
  await until(() =>
    ask(server).then(
      () => false,
      () => true
    )
  )
  t.equal(
    (await ask(metrics, { path: '/readyz' })).status,
    503,
    'the metrics server is closed last'
  )
  open()
  t.equal((await inFlight).status, 200)
  await done
  await t.rejects(ask(metrics))
  t.same(events, ['stop'])
  t.equal(signals.listenerCount('SIGTERM'), 0)
})

t.test('a request that takes too long is aborted, and a second signal exits at once', async t => {
  const lines: string[] = []
  const logger = createLogger({ level: 'info', write: line => lines.push(line), now: () => 0 })
  const { route } = gate()
  const server = await startServer({ listen, routes: [route] })
  const signals = new EventEmitter()
  const exits: number[] = []
  const done = shutdownOnSignal({
    signals,
    readiness: new Readiness(),
    servers: [server],
    graceMs: 50,
    drainMs: 50,
    logger,
    exit: code => exits.push(code)
  })
  const stuck = ask(server, { method: 'POST', path: '/wait', body: '{}' })
  stuck.catch(() => undefined)
  await until(() => server.load.requests === 1)
  signals.emit('SIGINT')
  t.same(exits, [])
  signals.emit('SIGTERM')
  t.same(exits, [1])
  await done
  await t.rejects(stuck)
  t.match(lines.join(''), /"aborted in-flight requests","abortedRequests":1\}/)
})

/** Longer than any timeout of a server, so that a server that waits for one does not close in time. */
const boundMs = 120_000

/** A connection that sends nothing but `text`. */
async function idle(t: Test, { address }: RunningServer, text = ''): Promise<Socket> {
  const socket = connect(address.port, address.host)
  socket.on('error', () => undefined)
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

/** Resolves also if the connection was reset. */
function whenClosed(socket: Socket): Promise<unknown> {
  return new Promise(resolve => socket.once('close', resolve))
}

/** Closes a server, with the time that it took. */
async function close(server: RunningServer) {
  const startedMs = performance.now()
  const aborted = await server.close(boundMs)
  return { aborted, seconds: (performance.now() - startedMs) / 1_000 }
}

t.test('a server without in-flight requests ends at once, whatever is connected', async t => {
  const server = await startServer({ listen, routes: [echo] })
  const keepAlive = new http.Agent({ keepAlive: true })
  t.teardown(() => {
    keepAlive.destroy()
  })
  await ask(server, { method: 'POST', path: '/echo', body: '{}', agent: keepAlive })
  const sockets = await Promise.all([idle(t, server), idle(t, server, 'POST /echo HTTP/1.1\r\nHo')])
  const closed = Promise.all(sockets.map(whenClosed))
  const { aborted, seconds } = await close(server)
  t.equal(aborted, 0)
  t.ok(seconds < 10, `${seconds} s`)
  await closed
})

t.test('an HTTPS server ends at once, also in the middle of handshakes', async t => {
  const validity = { notBeforeMs: Date.now() - 60_000, notAfterMs: Date.now() + 600_000 }
  const authority = await issueAuthority('test', validity)
  const pair = await issueLeaf(authority, ['127.0.0.1'], validity)
  const server = await startServer({ listen, routes: [echo], tls: { pair } })
  const silent = await idle(t, server)
  const shaking = await idle(t, server, '\x16\x03\x01')
  const shaken = connectTls({ ...server.address, ca: authority.certificatePem })
  shaken.on('error', () => undefined)
  await once(shaken, 'secureConnect')
  const closed = Promise.all([silent, shaking, shaken].map(whenClosed))
  const { aborted, seconds } = await close(server)
  t.equal(aborted, 0)
  t.ok(seconds < 10, `${seconds} s`)
  await closed
})

t.test('idle connections are closed at once, while an in-flight request is answered', async t => {
  const { route, open } = gate()
  const validity = { notBeforeMs: Date.now() - 60_000, notAfterMs: Date.now() + 600_000 }
  const authority = await issueAuthority('test', validity)
  const pair = await issueLeaf(authority, ['127.0.0.1'], validity)
  const server = await startServer({ listen, routes: [route], tls: { pair } })
  const silent = await idle(t, server)
  const ca = authority.certificatePem
  const inFlight = ask(server, { method: 'POST', path: '/wait', body: '{}', ca })
  await until(() => server.load.requests === 1)
  const silentClosed = whenClosed(silent)
  const closing = close(server)
  await silentClosed
  t.equal(server.load.requests, 1)
  open()
  t.equal((await inFlight).body, 'done\n')
  t.equal((await closing).aborted, 0)
})
