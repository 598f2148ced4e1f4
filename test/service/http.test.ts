import { once } from 'node:events'
import http from 'node:http'
import { connect } from 'node:net'
import t from 'tap'
import { healthRoutes } from '../../service/health-routes.ts'
import { jsonAnswer, textAnswer } from '../../service/http/answer.ts'
import { createApp } from '../../service/http/app.ts'
import { defaultLimits, loadOf } from '../../service/http/limits.ts'
import { parseListenAddress } from '../../service/http/listen-address.ts'
import { silentObserver } from '../../service/http/observer.ts'
import type { RequestRecord } from '../../service/http/observer.ts'
import type { Route } from '../../service/http/route.ts'
import { createLogger } from '../../service/log.ts'
import { httpObserver } from '../../service/metrics/http-metrics.ts'
import { createRegistry } from '../../service/metrics/process-metrics.ts'
import { Readiness } from '../../service/readiness.ts'
import { Fault } from '../../common/fault.ts'
import { faultText } from '../fault-text.ts'
import { ask, echo, gate, raw, start, until } from './loopback.ts'

t.test('an address is HOST:PORT, with brackets for IPv6', t => {
  t.same(parseListenAddress('127.0.0.1:8443', '--listen'), { host: '127.0.0.1', port: 8443 })
  t.same(parseListenAddress('[::1]:0', '--listen'), { host: '::1', port: 0 })
  t.same(parseListenAddress('localhost:65535', '--listen'), { host: 'localhost', port: 65_535 })
  t.same(parseListenAddress(':9090', '--listen'), { host: undefined, port: 9_090 })
  for (const text of ['8443', '::1:8443', 'host:', 'host:65536', 'host:-1', 'a b:1', '[::1]', '']) {
    t.equal(
      faultText(() => parseListenAddress(text, '--listen')),
      `--listen: invalid listen address [ADDRESS_INVALID]
  found:    ${JSON.stringify(text)}
  expected: HOST:PORT, such as 127.0.0.1:8443, [::1]:8443, or :8443 for every address
  remedy:   use port 0 for any free port`
    )
  }
  t.end()
})

t.test('a query parameter is decoded, and the first of several counts', async t => {
  const route: Route = {
    method: 'GET',
    path: '/query',
    handler: request => jsonAnswer(200, JSON.stringify(request.queryValue('a') ?? null))
  }
  const [limits, observer] = [defaultLimits, silentObserver]
  const context = { limits, observer, load: loadOf(limits), isDraining: () => false }
  const app = createApp({ ...context, routes: [route], tls: undefined })
  t.teardown(() => app.close())
  for (const [search, one] of [
    ['', null],
    ['?', null],
    ['?a', ''],
    ['?a=', ''],
    ['?a=10s', '10s'],
    ['?ab=1', null],
    ['?A=1', null],
    ['?a=1&a=2', '1'],
    ['?b=1&a=2', '2'],
    ['?a=%31', '1'],
    ['?%61=1', '1'],
    ['?a=1+2', '1 2'],
    ['?a=b=c', 'b=c'],
    ['?a=1;2', '1;2']
  ]) {
    const { body } = await app.inject(`/query${search}`)
    t.same(JSON.parse(body), one, String(search))
  }
})

t.test('a request is answered by its route, or with 400, 404 or 405', async t => {
  const named: Route = {
    method: 'GET',
    path: '/validate/:policySet',
    handler: request => {
      const { params, method } = request
      const timeout = request.queryValue('timeout')
      return jsonAnswer(200, JSON.stringify({ params, timeout, method }))
    }
  }
  const pair: Route = {
    method: 'GET',
    path: '/pair/:namespace/:name',
    handler: ({ params }) => jsonAnswer(200, JSON.stringify([params.namespace, params.name]))
  }
  const server = await start(t, { routes: [echo, named, pair] })
  t.same(JSON.parse((await ask(server, { path: '/pair/a%2Fb/c' })).body), ['a/b', 'c'])
  t.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.equal((await ask(server, { method: 'POST', path: '/echo?x=1', body: 'hi' })).body, 'hi')
  t.same(JSON.parse((await ask(server, { path: '/validate/a%2Fb?timeout=5s' })).body), {
    params: { policySet: 'a/b' },
    timeout: '5s',
    method: 'GET'
  })
  const head = await ask(server, { method: 'HEAD', path: '/validate/x' })
  t.same([head.status, head.body], [200, ''])
  const cases: readonly (readonly [string, string, number, string])[] = [
    ['GET', '/', 404, 'not found\n'],
    ['GET', '/validate', 404, 'not found\n'],
    ['GET', '/validate/', 404, 'not found\n'],
    ['GET', '/validate/a/b', 404, 'not found\n'],
    ['GET', '/pair/a', 404, 'not found\n'],
    ['GET', '/pair//b', 404, 'not found\n'],
    ['GET', '/pair/a/', 404, 'not found\n'],
    ['GET', '/pair/a/b/c', 404, 'not found\n'],
    ['GET', '/pair/%ff/b', 400, 'the path is not valid percent-encoded UTF-8\n'],
    ['GET', '/validate/%ff', 400, 'the path is not valid percent-encoded UTF-8\n'],
    ['GET', 'http://example.com/echo', 400, 'the request target must be a path\n'],
    ['GET', '/echo', 405, 'this path supports POST only\n'],
    ['DELETE', '/validate/x', 405, 'this path supports GET only\n']
  ]
  for (const [method, path, status, body] of cases) {
    const reply = await ask(server, { method, path })
    t.same([reply.status, reply.body], [status, body], `${method} ${path}`)
  }
  t.equal((await ask(server, { path: '/echo' })).headers.allow, 'POST')
  t.equal((await ask(server, { path: '/__proto__' })).status, 404)
})

t.test('a body is read up to its limit and never further', async t => {
  const server = await start(t, { routes: [echo] })
  const post = (body: Buffer, headers: http.OutgoingHttpHeaders = {}) =>
    ask(server, { method: 'POST', path: '/echo', body, headers })
  const full = Buffer.alloc(1_000, 'a')
  const tooLarge = 'the body is larger than 1000 bytes\n'
  t.equal((await post(full)).body.length, 1_000)
  const chunked = { 'Transfer-Encoding': 'chunked' }
  t.equal((await post(full, chunked)).body.length, 1_000)
  const declared = await post(Buffer.alloc(1_001, 'a'))
  t.same([declared.status, declared.body], [413, tooLarge])
  const sent = await post(Buffer.alloc(1_001, 'a'), chunked)
  t.same([sent.status, sent.body], [413, tooLarge])
  t.equal(sent.headers.connection, 'close')
  const huge = await post(Buffer.alloc(20 * 1024 * 1024, 'a'))
  t.same([huge.status, huge.body], [413, tooLarge], 'the client reads the refusal, not a reset')
  t.match(
    await raw(server, 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n'),
    /^HTTP\/1\.1 413 /,
    'the declared length is checked before the body arrives'
  )
  const zipped = await post(full, { 'Content-Encoding': 'gzip' })
  t.same([zipped.status, zipped.body], [415, 'Content-Encoding is not supported\n'])
  t.same([server.load.requests, server.load.bodyBytes], [0, 0], 'everything is released')
})

t.test('a client that reads only after it has written its body gets the refusal', async t => {
  const server = await start(t, { routes: [echo] })
  const socket = connect(server.address.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  const bytes = 8 * 1024 * 1024
  socket.write(`POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n`)
  await new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.write(Buffer.alloc(bytes), resolve)
  })
  const [answer] = (await once(socket, 'data')) as [Buffer]
  t.match(answer.toString(), /^HTTP\/1\.1 413 /)
})

t.test('the fixed part of a path may be percent-encoded', async t => {
  const server = await start(t, { routes: [echo] })
  t.equal((await ask(server, { method: 'POST', path: '/%65cho', body: 'x' })).body, 'x')
})

t.test('what a content type means is up to the handler, also if it is malformed', async t => {
  const type: Route = {
    ...echo,
    path: '/type',
    handler: ({ headers, body }) =>
      jsonAnswer(200, JSON.stringify([headers['content-type'] ?? null, body.toString()]))
  }
  const server = await start(t, { routes: [type] })
  const json = 'application/json; charset=utf-8'
  for (const sent of [json, 'text/plain', 'no/such;;', 'nonsense', '/', ';', '', undefined]) {
    const headers = sent === undefined ? {} : { 'Content-Type': sent }
    const reply = await ask(server, { method: 'POST', path: '/type', body: 'x', headers })
    t.same([reply.status, JSON.parse(reply.body)], [200, [sent ?? null, 'x']], String(sent))
    t.equal(reply.headers['content-type'], 'application/json')
  }
  const headers = { 'Content-Type': 'nonsense' }
  const body = 'x'.repeat(1_001)
  t.equal((await ask(server, { method: 'POST', path: '/type', body, headers })).status, 413)
  t.equal((await ask(server, { method: 'POST', path: '/none', body, headers })).status, 404)
  t.equal((await ask(server, { path: '/type', method: 'QUERY' })).status, 405)
  t.equal(server.load.requests, 0)
})

t.test('malicious and malformed requests are refused', async t => {
  const records: RequestRecord[] = []
  const observer = { ...silentObserver, request: (record: RequestRecord) => records.push(record) }
  const server = await start(t, { routes: [echo], observer, limits: { maxHeaderBytes: 2_000 } })
  t.match(await raw(server, 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400 .*\r\nConnection: close\r\n\r\n$/)
  t.match(await raw(server, `GET /${'a'.repeat(3_000)} HTTP/1.1\r\n\r\n`), /^HTTP\/1\.1 431 /)
  const chunked = 'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a='
  t.match(await raw(server, `${chunked}${'b'.repeat(20_000)}`), /^HTTP\/1\.1 413 /)
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
  t.equal(server.load.bodyBytes, 0, 'nothing is held for a client that went away')
  await until(() => records.length > 1)
  t.match(records.at(-1), { route: '/echo', status: 499 })
})

t.test('a client that is too slow is disconnected', async t => {
  const limits = { headersTimeoutMs: 100, requestTimeoutMs: 200 }
  const server = await start(t, { routes: [echo], limits })
  t.match(await raw(server, 'POST /echo HTTP/1.1\r\nHo'), /^HTTP\/1\.1 408 /)
  const slow = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab'
  t.match(await raw(server, slow), /^HTTP\/1\.1 408 /)
  t.equal(server.load.requests, 0)
})

t.test('an overloaded server answers 503 with Retry-After, and health still answers', async t => {
  const { route, open } = gate()
  const routes = [route, ...healthRoutes(new Readiness())]
  const server = await start(t, { routes, limits: { maxRequests: 2, maxBodyBytes: 15 } })
  const wait = (body: string) => ask(server, { method: 'POST', path: '/wait', body })
  const first = wait('0123456789')
  await until(() => server.load.bodyBytes === 10)
  const noBytes = await wait('0123456789')
  t.same(
    [noBytes.status, noBytes.headers['retry-after'], noBytes.body],
    [503, '1', 'too many bytes of request bodies are held; retry later\n']
  )
  const second = wait('01234')
  await until(() => server.load.requests === 2)
  const noPlace = await wait('')
  t.same(
    [noPlace.status, noPlace.headers['retry-after'], noPlace.body],
    [503, '1', 'too many in-flight requests; retry later\n']
  )
  t.equal((await ask(server, { path: '/healthz' })).status, 200)
  open()
  t.same([(await first).status, (await second).status], [200, 200])
  t.equal((await wait('')).status, 200)
})

t.test('a handler that throws is answered 500 and logged without what was read', async t => {
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
    t.same([reply.status, reply.body], [500, 'internal error\n'])
  }
  t.notMatch(lines.join(''), /secret|payload/)
  t.same(JSON.parse(lines[2] ?? ''), {
    time: '1970-01-01T00:00:00.000Z',
    level: 'error',
    message: 'internal error while answering a request',
    route: '/fault',
    code: 'X',
    reason: 'y'
  })
  t.equal(server.load.requests, 0)
})

t.test('the signal of a request is aborted when its client goes away', async t => {
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
