import { Registry } from 'prom-client'
import t from 'tap'
import { healthRoutes } from '../../service/health-routes.ts'
import { createLogger, errorFields, silentLogger } from '../../service/log.ts'
import { httpObserver, observeLoad } from '../../service/metrics/http-metrics.ts'
import { metricsRoute } from '../../service/metrics/metrics-route.ts'
import { createRegistry } from '../../service/metrics/process-metrics.ts'
import { Readiness } from '../../service/readiness.ts'
import { ask, echo, start } from './loopback.ts'

t.test('readiness names each check that fails and why', async t => {
  const readiness = new Readiness()
  let reason: string | undefined = 'no policy is loaded'
  readiness.add('certificates', () => undefined)
  readiness.add('policies', () => reason)
  const server = await start(t, { routes: healthRoutes(readiness) })
  const ready = () => ask(server, { path: '/readyz' })
  t.match(await ready(), {
    status: 503,
    body: '[+]certificates ok\n[-]policies: no policy is loaded\nnot ready\n'
  })
  t.equal(readiness.isReady, false)
  reason = undefined
  t.match(await ready(), { status: 200, body: '[+]certificates ok\n[+]policies ok\nready\n' })
  t.equal(readiness.isReady, true)
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

t.test('durations of requests are a histogram, in seconds', async t => {
  const registry = new Registry()
  const observer = httpObserver(registry, silentLogger)
  for (const durationMs of [0, 0.5, 0.75, 3, 30_000, 30_001]) {
    observer.request({ route: '/validate', status: 200, durationMs })
  }
  observer.request({ route: 'none', status: 404, durationMs: 100_000 })
  const name = 'mlgitops_http_request_duration_seconds'
  const help =
    'Time from the headers of a request to its answer; code 499 if the client went away first.'
  const bounds = '0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 30 +Inf'.split(
    ' '
  )
  const series = (labels: string, counts: readonly number[], sum: number) => [
    ...bounds.map((le, at) => `${name}_bucket{le="${le}",${labels}} ${counts[at] ?? 0}`),
    `${name}_sum{${labels}} ${sum}`,
    `${name}_count{${labels}} ${counts.at(-1) ?? 0}`
  ]
  t.same((await registry.getSingleMetricAsString(name)).split('\n'), [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} histogram`,
    ...series(
      'route="/validate",code="200"',
      [2, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 6],
      0.0005 + 0.00075 + 0.003 + 30 + 30.001
    ),
    ...series('route="none",code="404"', [...Array<number>(15).fill(0), 1], 100)
  ])
})

t.test('log lines are bounded NDJSON, of the level and above', t => {
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
