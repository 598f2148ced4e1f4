import { EventEmitter } from 'node:events'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { healthRoutes } from '../../service/health-routes.ts'
import { startServer } from '../../service/http/server.ts'
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
    graceMs: 300,
    drainMs: 2_000,
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
  t.same([late.status, late.headers.connection], [200, 'close'], 'open connections are told to go')
  t.equal((await ask(server, { path: '/healthz' })).status, 200, 'new connections are still taken')
  await sleep(400)
  await t.rejects(ask(server), 'after the grace none is')
  t.equal(
    (await ask(metrics, { path: '/readyz' })).status,
    503,
    'the metrics server stays to the end'
  )
  open()
  t.equal((await inFlight).status, 200)
  await done
  await t.rejects(ask(metrics))
  t.same(events, ['stop'])
  t.equal(signals.listenerCount('SIGTERM'), 0)
})

t.test('a request that takes too long is cut, and a second signal exits at once', async t => {
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
  t.match(lines.join(''), /"requests were cut","cutRequests":1\}/)
})
