import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { startServer } from '../../service/http/server.ts'
import { serveUsage } from '../../webhook/serve-options.ts'
import { ask, listen } from '../service/loopback.ts'
import type { Listener } from '../service/loopback.ts'
import {
  authority,
  begin,
  demanding,
  eventually,
  jobWith,
  leafFor,
  post,
  reviewOf,
  runServe,
  startWebhook
} from './webhook-process.ts'

const ca = authority.certificatePem
const [pair, renewed] = await Promise.all([leafFor(1), leafFor(2)])
const files = { 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem }
const policies = { 'team.json': demanding('team') }
const body = Buffer.from(reviewOf(jobWith({ team: 'a' })))

async function metric(server: Listener, name: string): Promise<string | undefined> {
  const { body } = await ask(server, { path: '/metrics' })
  return body.split('\n').find(line => line.startsWith(name))
}

/** Messages on standard error of that level. */
function said(stderr: string, level: string): string[] {
  return stderr
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Record<string, string>)
    .filter(line => line.level === level)
    .map(({ message, code, where }) => [message, code, where].filter(Boolean).join(' | '))
}

t.test('SIGTERM in the middle of a request: it is answered, and the exit code is 0', async t => {
  const webhook = await startWebhook(t, t.testdir({ ...files, policies }), ['--grace-seconds', '1'])
  const { server, metricsServer } = webhook
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
  t.equal((await post(server, body, { agent })).headers.connection, 'keep-alive')
  const half = await begin(server, body, 10)
  await eventually(
    async () =>
      (await metric(metricsServer, 'mlgitops_http_requests_in_flight')) ===
      'mlgitops_http_requests_in_flight 1'
  )
  webhook.signal('SIGTERM')
  await eventually(async () => (await ask(metricsServer, { path: '/readyz' })).status === 503)
  t.match((await ask(metricsServer, { path: '/readyz' })).body, /^\[-\]shutdown: /)
  const late = await post(server, body, { agent })
  t.same([late.status, late.headers.connection], [200, 'close'])
  t.equal((await post(server, body)).status, 200, 'in the grace new connections are still taken')
  await eventually(() =>
    post(server, body).then(
      () => false,
      () => true
    )
  )
  half.finish()
  const reply = await half.reply
  t.same([reply.status, reply.headers.connection], [200, 'close'])
  t.match(reply.body, /"allowed":true/)
  t.equal(await webhook.exited, 0)
  t.same(said(webhook.stderr(), 'info').slice(-2), ['shutting down', 'shut down'])
})

t.test('A second signal ends it immediately, with exit code 1', async t => {
  const webhook = await startWebhook(t, t.testdir({ ...files, policies }), [
    '--grace-seconds',
    '60'
  ])
  webhook.signal('SIGINT')
  await eventually(() => webhook.stderr().includes('shutting down'))
  webhook.signal('SIGTERM')
  t.equal(await webhook.exited, 1)
})

t.test(
  'An invalid policy change: the last good set stays in force, and the log says so',
  async t => {
    const folder = t.testdir({ ...files, policies })
    const webhook = await startWebhook(t, folder)
    const { server, metricsServer } = webhook
    const current = (value: number) => async () =>
      (await metric(metricsServer, 'mlgitops_policies_current')) ===
      `mlgitops_policies_current ${value}`
    const file = path.join(folder, 'policies/team.json')
    const denies = async () =>
      (await post(server, reviewOf(jobWith({})))).body.includes('demand-team')
    writeFileSync(file, demanding('team').replace('labels', 'labelz'))
    await eventually(current(0))
    t.ok(await denies())
    t.equal(
      await metric(metricsServer, 'mlgitops_policy_load_failures_total'),
      'mlgitops_policy_load_failures_total 1'
    )
    t.equal((await ask(metricsServer, { path: '/readyz' })).status, 200)
    writeFileSync(file, demanding('owner'))
    await eventually(current(1))
    t.match((await post(server, reviewOf(jobWith({})))).body, /demand-owner/)
    const stays = 'refused changed policies; the last good ones stay in force'
    t.same(said(webhook.stderr(), 'error'), [`${stays} | POLICY_INVALID | policies/team.json:1`])
    t.notMatch(webhook.stderr(), folder)
  }
)

t.test(
  'A replaced certificate is served to new connections, and open connections stay',
  async t => {
    const folder = t.testdir({ ...files, policies })
    const webhook = await startWebhook(t, folder)
    const { server, metricsServer } = webhook
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number | undefined>()
    agent.on('free', (socket: { localPort?: number }) => ports.add(socket.localPort))
    await post(server, body, { agent })
    const end = () => metric(metricsServer, 'mlgitops_certificate_not_after_seconds')
    const before = await end()
    writeFileSync(path.join(folder, 'tls.crt'), renewed.certificatePem)
    await eventually(
      async () =>
        (await metric(metricsServer, 'mlgitops_certificates_current')) ===
        'mlgitops_certificates_current 0'
    )
    t.equal(await end(), before, 'half a pair is not served')
    t.equal((await post(server, body)).status, 200)
    writeFileSync(path.join(folder, 'tls.key'), renewed.keyPem)
    await eventually(async () => (await end()) !== before)
    const [seconds, then] = [await end(), before].map(line => Number(line?.split(' ')[1]))
    t.equal((seconds ?? 0) - (then ?? 0), 86_400)
    t.equal((await post(server, body)).status, 200)
    await post(server, body, { agent })
    t.equal(ports.size, 1)
    agent.destroy()
    t.match(said(webhook.stderr(), 'error'), [
      /^cannot use the certificate; keeping the last good one/
    ])
  }
)

t.test('Readiness names a missing certificate, and it is served once it exists', async t => {
  const folder = t.testdir({ 'tls.crt': pair.certificatePem, policies })
  const webhook = await startWebhook(t, folder)
  const { metricsServer } = webhook
  t.match(await ask(metricsServer, { path: '/readyz' }), {
    status: 503,
    body: `[+]policies ok
[-]certificate: --tls-key: the certificate file is missing: no such file
not ready
`
  })
  t.match(await ask(metricsServer, { path: '/healthz' }), { status: 200 }, 'it is alive')
  t.match(webhook.stdout(), /^metrics on \S+\n$/, 'it does not say that it listens')
  t.same(said(webhook.stderr(), 'error'), [
    'cannot use the certificate; serving none | TLS_FILES_MISSING | --tls-key'
  ])
  writeFileSync(path.join(folder, 'tls.key'), pair.keyPem)
  await eventually(() => webhook.stdout().includes('listening on'))
  t.match(webhook.stdout(), /^metrics on \S+\nlistening on https:\S+\n$/)
  t.equal((await post(webhook.server, body)).status, 200, 'it answers as soon as it says so')
  t.match(await ask(metricsServer, { path: '/readyz' }), { status: 200 })
  t.match(await ask(webhook.server, { path: '/healthz', ca }), { status: 200 })
})

t.test('A webhook that waits for its certificate ends on SIGTERM', async t => {
  const webhook = await startWebhook(t, t.testdir({ policies }))
  webhook.signal('SIGTERM')
  t.equal(await webhook.exited, 0)
  t.match(webhook.stdout(), /^metrics on \S+\n$/)
})

t.test('A failed start names the fault, and the exit code is 1', async t => {
  const taken = await startServer({ listen, routes: [] })
  t.teardown(() => taken.close(0))
  const { port } = taken.address
  const free = '127.0.0.1:0'
  const argsOf = (server = free, metrics = free) => [
    ...['webhook', '--policies', 'policies', '--tls-cert', 'tls.crt', '--tls-key', 'tls.key'],
    ...['--listen', server, '--metrics-listen', metrics]
  ]
  const good = t.testdir({ ...files, policies })
  const broken = path.join(good, 'policies/broken.yaml')
  const ends = async (expected: string, ...addresses: [string?, string?]) => {
    const { code, stdout, stderr } = await runServe(good, argsOf(...addresses))
    t.equal(stderr.replace(/^\{.*\n/gm, ''), `mlgitops: ${expected}\n`)
    t.same([code, stdout], [1, ''])
  }
  const refused = async (expected: string) => {
    const result = await run({ args: ['serve', ...argsOf()], env: {}, folder: good })
    t.same(result, { exitCode: 1, stdout: '', stderr: `mlgitops: ${expected}\n` })
  }
  const notListened = (where: string) =>
    `${where}: cannot listen on the address [LISTEN_FAILED]\n  found:    EADDRINUSE`
  await ends(notListened(`127.0.0.1:${port}`), `127.0.0.1:${port}`)
  await ends(notListened(`127.0.0.1:${port}`), free, `127.0.0.1:${port}`)
  writeFileSync(broken, 'kind: [')
  await refused(
    'policies/broken.yaml:1:8: not valid YAML: unexpected end of the stream within a flow collection [YAML_INVALID]'
  )
  writeFileSync(broken, 'kind: ConfigMap')
  await refused(`policies/broken.yaml:1: this is not a policy [POLICY_KIND_UNKNOWN]
  found:    ConfigMap
  expected: ModelPolicy or PolicyException`)
  rmSync(broken)
  const unusable = (option: string, found: string) =>
    `--tls-${option}: cannot use the certificate files [TLS_FILES_INVALID]\n  found:    ${found}`
  writeFileSync(path.join(good, 'tls.key'), renewed.keyPem)
  await refused(unusable('key', 'a key that belongs to another certificate'))
  writeFileSync(path.join(good, 'tls.key'), '')
  await refused(unusable('key', 'not a PEM private key'))
  writeFileSync(path.join(good, 'tls.crt'), 'x')
  await refused(unusable('cert', 'not a PEM certificate'))
  rmSync(path.join(good, 'tls.crt'))
  mkdirSync(path.join(good, 'tls.crt'))
  await refused(unusable('cert', 'unreadable (EISDIR)'))
  rmSync(path.join(good, 'policies'), { recursive: true })
  const unreadable = 'policies: the policies cannot be read (ENOENT) [FILE_UNREADABLE]'
  await refused(unreadable)
  await ends(unreadable)
})

t.test('A wrong command line exits with 2', async t => {
  const folder = t.testdir({ ...files, policies })
  const more = 'mlgitops serve --help says more.\n'
  const all = ['--policies', 'policies', '--tls-cert', 'tls.crt', '--tls-key', 'tls.key']
  const cases: readonly (readonly [readonly string[], string])[] = [
    [[], 'serve takes a part: webhook, analysis or flux'],
    [['plugin'], 'serve takes a part: webhook, analysis or flux'],
    [['webhook', 'plugin'], 'serve webhook takes only options'],
    [
      ['webhook', ...all.slice(0, 4)],
      'serve webhook needs --tls-cert and --tls-key, or --tls-secret and --tls-name'
    ],
    [['webhook', '--port', '1'], "Unknown option '--port'"],
    [
      ['webhook', ...all, '--grace-seconds', '-1'],
      '--grace-seconds needs N (write --grace-seconds=N if it starts with a dash)'
    ],
    [
      ['webhook', ...all, '--grace-seconds', '1.5'],
      '--grace-seconds must be a whole number of seconds, at most 999'
    ]
  ]
  for (const [args, message] of cases) {
    const result = await run({ args: ['serve', ...args], env: {}, folder })
    t.same(result, { exitCode: 2, stdout: '', stderr: `mlgitops serve: ${message}\n${more}` })
  }
  const [[args, message] = [[], '']] = cases
  const stderr = `mlgitops serve: ${message}\n${more}`
  t.same(await runServe(folder, args), { code: 2, stdout: '', stderr }, 'as a process')
  t.same(await runServe(folder, ['webhook', '--help']), { code: 0, stdout: serveUsage, stderr: '' })
})
