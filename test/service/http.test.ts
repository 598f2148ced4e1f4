import { EventEmitter, once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import t from 'tap'
import { issueAuthority, issueLeaf } from '../../service/certificates/issue.ts'
import { healthRoutes } from '../../service/health-routes.ts'
import { jsonAnswer, textAnswer } from '../../service/http/answer.ts'
import { parseListenAddress } from '../../service/http/listen-address.ts'
import type { ServerLimits } from '../../service/http/limits.ts'
import { silentObserver } from '../../service/http/observer.ts'
import type { RequestRecord, ServerObserver } from '../../service/http/observer.ts'
import type { Route } from '../../service/http/router.ts'
import { startServer } from '../../service/http/server.ts'
import type { RunningServer } from '../../service/http/server.ts'
import { createLogger, errorFields, silentLogger } from '../../service/log.ts'
import { httpObserver, observeLoad } from '../../service/metrics/http-metrics.ts'
import { metricsRoute } from '../../service/metrics/metrics-route.ts'
import { createRegistry } from '../../service/metrics/process-metrics.ts'
import { Readiness } from '../../service/readiness.ts'
import { shutdownOnSignal } from '../../service/shutdown.ts'
import { Fault } from '../../common/fault.ts'
import { told } from '../told.ts'

const listen = { host: '127.0.0.1', port: 0 }
const dayMs = 86_400_000
const validity = { notBeforeMs: Date.now() - dayMs, notAfterMs: Date.now() + dayMs }

interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: http.OutgoingHttpHeaders
  readonly body?: string | Buffer
  readonly agent?: http.Agent
}

function ask(server: RunningServer, sent: Sent = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { path = '/', method = 'GET', headers = {}, agent } = sent
    const options = { ...server.address, path, method, headers, ...(agent && { agent }) }
    const request = http.request(options, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
      })
    })
    request.on('error', reject)
    request.end(sent.body)
  })
}

/** Bytes as they are on the wire, and what came back until the server closed or `ms` were over. */
async function raw(server: RunningServer, text: string, ms = 300): Promise<string> {
  const socket = connect(server.address.port, '127.0.0.1')
  socket.on('error', () => undefined)
  let received = ''
  socket.on('data', chunk => (received += chunk.toString()))
  socket.write(text)
  await Promise.race([once(socket, 'close'), sleep(ms)])
  socket.destroy()
  return received
}

interface Started {
  readonly routes: readonly Route[]
  readonly limits?: Partial<ServerLimits>
  readonly observer?: ServerObserver
}

async function start(t: Tap, started: Started): Promise<RunningServer> {
  const server = await startServer({ listen, ...started })
  t.teardown(() => server.close(0))
  return server
}

type Tap = typeof t

const echo: Route = {
  method: 'POST',
  path: '/echo',
  bodyLimitBytes: 1_000,
  handler: request => jsonAnswer(200, request.body.toString())
}

/** A route whose requests wait for `open`. */
function gate(path = '/wait'): { readonly route: Route; readonly open: () => void } {
  const opened = Promise.withResolvers<undefined>()
  const route: Route = {
    method: 'POST',
    path,
    bodyLimitBytes: 1_000,
    handler: async () => {
      await opened.promise
      return textAnswer(200, 'done')
    }
  }
  return {
    route,
    open: () => {
      opened.resolve(undefined)
    }
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i += 1) await sleep(5)
  if (!condition()) throw new Error('it did not come to pass')
}

t.test('an address is HOST:PORT, with brackets for IPv6', t => {
  t.same(parseListenAddress('127.0.0.1:8443', '--listen'), { host: '127.0.0.1', port: 8443 })
  t.same(parseListenAddress('[::1]:0', '--listen'), { host: '::1', port: 0 })
  t.same(parseListenAddress('localhost:65535', '--listen'), { host: 'localhost', port: 65_535 })
  t.same(parseListenAddress(':9090', '--listen'), { host: undefined, port: 9_090 })
  for (const text of ['8443', '::1:8443', 'host:', 'host:65536', 'host:-1', 'a b:1', '[::1]', '']) {
    t.equal(
      told(() => parseListenAddress(text, '--listen')),
      `--listen: not an address to listen on [ADDRESS_INVALID]
  found:    ${JSON.stringify(text)}
  expected: HOST:PORT, such as 127.0.0.1:8443, [::1]:8443, or :8443 for every address
  remedy:   port 0 takes any free port`
    )
  }
  t.end()
})

t.test('requests find their route, or are told why not', async t => {
  const named: Route = {
    method: 'GET',
    path: '/validate/*',
    handler: ({ segment, path, query, method }) =>
      jsonAnswer(200, JSON.stringify({ segment, path, timeout: query.get('timeout'), method }))
  }
  const server = await start(t, { routes: [echo, named] })
  t.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.equal((await ask(server, { method: 'POST', path: '/echo?x=1', body: 'hi' })).body, 'hi')
  t.same(JSON.parse((await ask(server, { path: '/validate/a%2Fb?timeout=5s' })).body), {
    segment: 'a/b',
    path: '/validate/a%2Fb',
    timeout: '5s',
    method: 'GET'
  })
  const head = await ask(server, { method: 'HEAD', path: '/validate/x' })
  t.same([head.status, head.body], [200, ''])
  const cases: readonly (readonly [string, string, number, string])[] = [
    ['GET', '/', 404, 'there is nothing here\n'],
    ['GET', '/validate', 404, 'there is nothing here\n'],
    ['GET', '/validate/', 404, 'there is nothing here\n'],
    ['GET', '/validate/a/b', 404, 'there is nothing here\n'],
    ['GET', '/validate/%ff', 400, 'the path is not valid percent-encoded UTF-8\n'],
    ['GET', 'http://example.com/echo', 400, 'the target of a request is a path\n'],
    ['GET', '/echo', 405, 'this path answers POST only\n'],
    ['DELETE', '/validate/x', 405, 'this path answers GET only\n']
  ]
  for (const [method, path, status, body] of cases) {
    const reply = await ask(server, { method, path })
    t.same([reply.status, reply.body], [status, body], `${method} ${path}`)
  }
  t.equal((await ask(server, { path: '/echo' })).headers.allow, 'POST')
  t.equal((await ask(server, { path: '/__proto__' })).status, 404)
})

t.test('a body is held up to its limit and never above', async t => {
  const server = await start(t, { routes: [echo] })
  const post = (body: Buffer, headers: http.OutgoingHttpHeaders = {}) =>
    ask(server, { method: 'POST', path: '/echo', body, headers })
  const full = Buffer.alloc(1_000, 'a')
  const tooLarge = 'the body has more than 1000 bytes\n'
  t.equal((await post(full)).body.length, 1_000)
  const chunked = { 'Transfer-Encoding': 'chunked' }
  t.equal((await post(full, chunked)).body.length, 1_000)
  const declared = await post(Buffer.alloc(1_001, 'a'))
  t.same([declared.status, declared.body], [413, tooLarge])
  const sent = await post(Buffer.alloc(1_001, 'a'), chunked)
  t.same([sent.status, sent.body], [413, tooLarge])
  t.equal(sent.headers.connection, 'close')
  const huge = await post(Buffer.alloc(20 * 1024 * 1024, 'a'))
  t.same([huge.status, huge.body], [413, tooLarge], 'the refusal is read, not a reset')
  t.match(
    await raw(server, 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n'),
    /^HTTP\/1\.1 413 /,
    'the declared length is judged before a byte of the body came'
  )
  const zipped = await post(full, { 'Content-Encoding': 'gzip' })
  t.same([zipped.status, zipped.body], [415, 'a body is read without Content-Encoding only\n'])
  t.same([server.load.requests, server.load.bodyBytes], [0, 0], 'all is given back')
})

t.test('hostile and broken requests cost a refusal', async t => {
  const records: RequestRecord[] = []
  const observer = { ...silentObserver, request: (record: RequestRecord) => records.push(record) }
  const server = await start(t, { routes: [echo], observer, limits: { maxHeaderBytes: 2_000 } })
  t.match(await raw(server, 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /)
  t.match(await raw(server, `GET /${'a'.repeat(3_000)} HTTP/1.1\r\n\r\n`), /^HTTP\/1\.1 431 /)
  const smuggle =
    'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n'
  t.match(await raw(server, `${smuggle}0\r\n\r\n`), /^HTTP\/1\.1 400 /)
  t.match(
    await raw(server, 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'),
    /^HTTP\/1\.1 400 /
  )
  const cut = connect(server.address.port, '127.0.0.1')
  cut.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc')
  await until(() => server.load.bodyBytes === 3)
  cut.destroy()
  await until(() => server.load.requests === 0)
  t.equal(server.load.bodyBytes, 0, 'a client that goes away leaves nothing')
  await until(() => records.length > 0)
  t.match(records.at(-1), { route: '/echo', status: 499 })
})

t.test('a client that is too slow is let go', async t => {
  const limits = { headersTimeoutMs: 100, requestTimeoutMs: 200 }
  const server = await start(t, { routes: [echo], limits })
  t.match(await raw(server, 'POST /echo HTTP/1.1\r\nHo', 2_000), /^HTTP\/1\.1 408 /)
  const slow = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab'
  t.match(await raw(server, slow, 2_000), /^HTTP\/1\.1 408 /)
  t.equal(server.load.requests, 0)
})

t.test('a server without room answers 503 with Retry-After, and health still answers', async t => {
  const { route, open } = gate()
  const routes = [route, ...healthRoutes(new Readiness())]
  const server = await start(t, { routes, limits: { maxRequests: 2, maxBodyBytes: 15 } })
  const wait = (body: string) => ask(server, { method: 'POST', path: '/wait', body })
  const first = wait('0123456789')
  await until(() => server.load.bodyBytes === 10)
  const noBytes = await wait('0123456789')
  t.same(
    [noBytes.status, noBytes.headers['retry-after'], noBytes.body],
    [503, '1', 'too many bytes of other requests are held; repeat it\n']
  )
  const second = wait('01234')
  await until(() => server.load.requests === 2)
  const noPlace = await wait('')
  t.same(
    [noPlace.status, noPlace.headers['retry-after'], noPlace.body],
    [503, '1', 'too many requests are at work; repeat it\n']
  )
  t.equal((await ask(server, { path: '/healthz' })).status, 200)
  open()
  t.same([(await first).status, (await second).status], [200, 200])
  t.equal((await wait('')).status, 200)
})

t.test('a handler that throws is a defect: 500, logged without what was read', async t => {
  const lines: string[] = []
  const logger = createLogger({ level: 'info', write: line => lines.push(line), now: () => 0 })
  const observer = httpObserver(createRegistry('1'), logger)
  const boom = (path: string, error: unknown): Route => ({
    method: 'POST',
    path,
    bodyLimitBytes: 10,
    handler: () => {
      throw error
    }
  })
  const later: Route = {
    ...boom('/later', 0),
    handler: () => Promise.reject(new TypeError('top secret'))
  }
  const routes = [
    boom('/now', new TypeError('top secret')),
    later,
    boom('/fault', new Fault('X', 'y'))
  ]
  const server = await start(t, { routes, observer })
  for (const path of ['/now', '/later', '/fault']) {
    const reply = await ask(server, { method: 'POST', path, body: 'payload' })
    t.same([reply.status, reply.body], [500, 'a defect of mlgitops itself\n'])
  }
  t.notMatch(lines.join(''), /secret|payload/)
  t.same(JSON.parse(lines[2] ?? ''), {
    time: '1970-01-01T00:00:00.000Z',
    level: 'error',
    message: 'a request met a defect of mlgitops',
    route: '/fault',
    code: 'X',
    reason: 'y'
  })
  t.equal(server.load.requests, 0)
})

t.test('a handler learns that its client went away', async t => {
  const aborted = Promise.withResolvers<boolean>()
  const route: Route = {
    method: 'GET',
    path: '/long',
    handler: async ({ signal }) => {
      await once(signal, 'abort')
      aborted.resolve(signal.aborted)
      return textAnswer(200, 'too late')
    }
  }
  const server = await start(t, { routes: [route] })
  const socket = connect(server.address.port, '127.0.0.1')
  socket.write('GET /long HTTP/1.1\r\nHost: x\r\n\r\n')
  await until(() => server.load.requests === 1)
  socket.destroy()
  t.equal(await aborted.promise, true)
})

t.test('readiness names each check that fails and why', async t => {
  const readiness = new Readiness()
  let reason: string | undefined
  readiness.add('certificates', () => undefined)
  readiness.add('policies', () => reason)
  const server = await start(t, { routes: healthRoutes(readiness) })
  const ready = () => ask(server, { path: '/readyz' })
  t.match(await ready(), { status: 200, body: '[+]certificates ok\n[+]policies ok\nready\n' })
  reason = 'no policy is loaded'
  t.match(await ready(), {
    status: 503,
    body: '[+]certificates ok\n[-]policies: no policy is loaded\nnot ready\n'
  })
  t.equal(readiness.isReady, false)
  readiness.stop('the service is shutting down')
  t.match((await ready()).body, /^\[-\]shutdown: the service is shutting down\n/)
  t.match(await ask(server, { path: '/healthz' }), { status: 200, body: 'ok\n' })
})

t.test('metrics count requests by route and status', async t => {
  const registry = createRegistry('1.2.3')
  const observer = httpObserver(registry, silentLogger)
  const server = await start(t, { routes: [echo, metricsRoute(registry)], observer })
  observeLoad(registry, server.load)
  await ask(server, { method: 'POST', path: '/echo', body: '{}' })
  await ask(server, { path: '/made/up' })
  const { body, headers } = await ask(server, { path: '/metrics' })
  t.match(headers['content-type'], /^text\/plain; version=0\.0\.4/)
  const line = (name: string) => body.split('\n').find(candidate => candidate.startsWith(name))
  const count = 'mlgitops_http_request_duration_seconds_count'
  t.equal(line(`${count}{route="/echo"`), `${count}{route="/echo",code="200"} 1`)
  t.equal(line(`${count}{route="none"`), `${count}{route="none",code="404"} 1`)
  t.match(line('mlgitops_build_info'), /\{version="1\.2\.3",node="[\d.]+"\} 1$/)
  t.equal(line('mlgitops_http_requests_in_flight'), 'mlgitops_http_requests_in_flight 0')
  t.equal(line('mlgitops_http_body_bytes_held'), 'mlgitops_http_body_bytes_held 0')
})

t.test('log lines are NDJSON of a level and above, bounded', t => {
  const lines: string[] = []
  const options = {
    level: 'warn',
    write: (line: string) => lines.push(line),
    now: () => 1e12
  } as const
  const logger = createLogger(options).with({ part: 'webhook' })
  logger.debug('no')
  logger.info('no')
  logger.warn('careful', { count: 2, none: undefined })
  logger.error('x'.repeat(5_000), { text: 'y\n'.repeat(5_000) })
  t.equal(
    lines[0],
    '{"time":"2001-09-09T01:46:40.000Z","level":"warn","message":"careful","part":"webhook","count":2}\n'
  )
  t.equal(lines.length, 2)
  t.ok((lines[1] ?? '').length < 6_500)
  t.equal((lines[1] ?? '').match(/\n/g)?.length, 1)
  const place = errorFields(new Error('secret'))
  t.match(place, { error: 'Error', code: undefined })
  t.same(errorFields('text'), { error: 'string' })
  t.notMatch(JSON.stringify(place), /secret|\/tmp|file:/)
  t.end()
})

t.test('an address that is taken, and a pair that is none, are faults', async t => {
  const server = await start(t, { routes: [] })
  const taken = { host: '127.0.0.1', port: server.address.port }
  await t.rejects(startServer({ listen: taken, routes: [] }), {
    code: 'LISTEN_FAILED',
    details: { where: `127.0.0.1:${taken.port}`, found: 'EADDRINUSE' }
  })
  const pair = { certificatePem: 'x', keyPem: 'y' }
  await t.rejects(startServer({ listen, routes: [], tls: { pair } }), { code: 'TLS_PAIR_INVALID' })
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
  t.ok(failures.length >= 2, 'failed handshakes are told')
})

t.test('a client certificate can be demanded', async t => {
  const authority = await issueAuthority('test', validity)
  const pair = await issueLeaf(authority, ['127.0.0.1'], validity)
  const tls = { pair, clientCaPem: authority.certificatePem }
  const server = await startServer({ listen, routes: [echo], tls })
  t.teardown(() => server.close(0))
  const send = (client: object) =>
    new Promise((resolve, reject) => {
      const options = {
        ...server.address,
        path: '/echo',
        method: 'POST',
        ca: authority.certificatePem
      }
      https
        .request({ ...options, ...client }, response => {
          resolve(response.resume().statusCode)
        })
        .on('error', reject)
        .end('{}')
    })
  t.equal(await send({ cert: pair.certificatePem, key: pair.keyPem }), 200)
  await t.rejects(send({}))
})

t.test('a keep-alive connection outlives the API server’s 90 seconds of patience', async t => {
  const server = await start(t, { routes: [echo] })
  const agent = new http.Agent({ keepAlive: true })
  const reply = await ask(server, { method: 'POST', path: '/echo', body: '{}', agent })
  agent.destroy()
  t.match(reply.headers, { connection: 'keep-alive', 'keep-alive': 'timeout=95' })
})

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
