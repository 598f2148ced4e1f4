import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { readSourceOptions } from '../../analysis/source/source-options.ts'
import { authorization } from '../../analysis/source/tokens.ts'
import { Fault } from '../../common/fault.ts'
import { BenchTop } from './bench-top.ts'

const errorRate = {
  source: 'prometheus',
  'prometheus.requests': 'requests_total',
  'prometheus.errors': 'requests_total{code="500"}',
  'error-rate.max': '0.05'
}

t.test(
  'Allowed addresses: loopback for a local service, Services of the namespace, and --allow',
  async t => {
    const bench = new BenchTop({
      sources: {
        allowed: ['http://prometheus.monitoring:9090/', 'https://*.example.com/team/'],
        isLocal: false,
        prometheus: undefined,
        tokens: [],
        files: { folder: undefined, isLocal: false }
      }
    })
    const refused = async (address: string) => {
      const metadata = { ...errorRate, 'prometheus.address': address, 'prometheus.timeout': '10ms' }
      const answer = await bench.hook('rollout', metadata)
      return answer.startsWith('424') ? 'asked' : answer
    }
    for (const address of [
      'http://prometheus.monitoring:9090',
      'http://prometheus.monitoring:9090/sub/path',
      'https://eu.example.com/team/a',
      'http://own.ml.svc',
      'http://own.ml.svc.cluster.local:8080/x'
    ]) {
      t.equal(await refused(address), 'asked', address)
    }
    for (const address of [
      'http://127.0.0.1:9090',
      'http://localhost:9090',
      'http://169.254.169.254',
      'http://2852039166',
      'http://own.other.svc',
      'http://own.ml',
      'http://a.own.ml.svc',
      'https://prometheus.monitoring:9090',
      'http://prometheus.monitoring:9091',
      'https://example.com/team/a',
      'https://eu.example.com/teams',
      'https://eu.example.com/team/../x'
    ]) {
      t.match(await refused(address), /^400 .* is neither a Service of the namespace ml /, address)
    }
    t.match(
      await refused('http://u:p@own.ml.svc'),
      /^400 .*: it has credentials; use --token of the service$/
    )
    // A proxy that decodes them would leave the path that is allowed.
    for (const path of ['%2e%2e%2fadmin', '..%2Fadmin', 'a%5c..%5cadmin']) {
      t.match(
        await refused(`https://eu.example.com/team/${path}`),
        /^400 .*: its path has percent-encoded dots or slashes$/
      )
    }
    t.match(await refused('file:///etc/passwd'), /^400 .*: it is not an http or https URL$/)
    t.equal(
      await bench.hook('rollout', errorRate),
      '400 the objectives cannot be used: prometheus.address: required, because the service has no --prometheus'
    )
  }
)

const listen = { host: '0.0.0.0', port: 8080 }

t.test(
  'Tokens come from files and variables, match the longest address, and are read per request',
  t => {
    const file = path.join(t.testdir(), 'token')
    writeFileSync(file, 'first\n')
    const token = [
      'http://prometheus:9090=env:PROMETHEUS_TOKEN',
      `http://prometheus:9090/team=file:${file}`
    ]
    const { tokens } = readSourceOptions({ token }, listen, { PROMETHEUS_TOKEN: 'whole' })
    const sent = (url: string) => authorization(new URL(url), tokens)
    t.same(sent('http://prometheus:9090/api'), { authorization: 'Bearer whole' })
    t.same(sent('http://prometheus:9090/team/api'), { authorization: 'Bearer first' })
    t.same(sent('http://prometheus:9090/teams'), { authorization: 'Bearer whole' })
    t.same(sent('http://prometheus:9091/team'), {})
    writeFileSync(file, 'second')
    t.same(sent('http://prometheus:9090/team'), { authorization: 'Bearer second' })
    writeFileSync(file, 'two lines\nof it')
    t.throws(() => sent('http://prometheus:9090/team'), { code: 'TOKEN_UNREADABLE' })
    t.end()
  }
)

t.test('Options that are not addresses or tokens are refused', t => {
  const refusal = (options: Parameters<typeof readSourceOptions>[0]) => {
    try {
      return readSourceOptions(options, listen, {})
    } catch (error) {
      return error instanceof Fault ? `${error.code} ${error.details.where ?? ''}` : error
    }
  }
  t.equal(refusal({ prometheus: ['prometheus:9090'] }), 'ADDRESS_INVALID --prometheus')
  t.equal(refusal({ allow: ['http://a.*.com'] }), 'ADDRESS_INVALID --allow')
  t.equal(refusal({ allow: ['http://u:p@a.com'] }), 'ADDRESS_INVALID --allow')
  t.equal(refusal({ token: ['http://a.com=secret'] }), 'TOKEN_INVALID --token')
  t.same(readSourceOptions({}, { host: '127.0.0.1', port: 0 }, {}), {
    allowed: [],
    isLocal: true,
    prometheus: undefined,
    tokens: [],
    files: { folder: undefined, isLocal: true }
  })
  t.end()
})
