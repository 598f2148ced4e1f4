import { X509Certificate } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { observeCertificates } from '../../service/certificates/certificate-metrics.ts'
import { issueAuthority, issueLeaf } from '../../service/certificates/issue.ts'
import { followPairFiles } from '../../service/certificates/pair-files.ts'
import type { PairFilesOptions } from '../../service/certificates/pair-files.ts'
import { readPair } from '../../service/certificates/read-pair.ts'
import type { TlsPair } from '../../service/http/tls.ts'
import { createLogger } from '../../service/log.ts'
import { createRegistry } from '../../service/metrics/process-metrics.ts'
import { dayMs } from './cluster.ts'
import { until } from './loopback.ts'

const nowMs = Date.parse('2026-11-24T12:00:00Z')
const validity = { notBeforeMs: nowMs - dayMs, notAfterMs: nowMs + dayMs }
const authority = await issueAuthority('test', validity)
const [first, second, third] = await Promise.all([1, 2, 3].map(days => leaf(-1, days)))
if (!first || !second || !third) throw new Error('three pairs')

/** A leaf that is valid between two days, counted from now. */
function leaf(from: number, to: number): Promise<TlsPair> {
  const held = { notBeforeMs: nowMs + from * dayMs, notAfterMs: nowMs + to * dayMs }
  return issueLeaf(authority, ['x.svc'], held)
}

/** Follows two files in a folder of the test; returns what it served and logged. */
async function follow(
  t: Test,
  pair: Partial<TlsPair>,
  { folder = t.testdir(), ...more }: Partial<PairFilesOptions> & { readonly folder?: string } = {}
) {
  const certificatePath = path.join(folder, 'tls.crt')
  const keyPath = path.join(folder, 'tls.key')
  const write = ({ certificatePem, keyPem }: Partial<TlsPair>) => {
    if (certificatePem !== undefined) writeFileSync(certificatePath, certificatePem)
    if (keyPem !== undefined) writeFileSync(keyPath, keyPem)
  }
  write(pair)
  const lines: string[] = []
  const served: TlsPair[] = []
  const clock = { nowMs }
  const files = await followPairFiles({
    certificatePath,
    keyPath,
    onPair: pair => {
      if (pair.certificatePem.includes('refuse me')) {
        throw Object.assign(new Error('secret'), { code: 'ERR_SSL_EE_KEY_TOO_SMALL' })
      }
      served.push(pair)
    },
    pollMs: 1_000_000,
    logger: createLogger({ level: 'info', write: line => lines.push(line), now: () => 0 }),
    now: () => clock.nowMs,
    ...more
  })
  t.teardown(() => {
    files.stop()
  })
  const said = () =>
    lines.splice(0).map(line => {
      const { level, message, where, found } = JSON.parse(line) as Record<string, string>
      return [level, message, where, found].filter(Boolean).join(': ')
    })
  // Every start with a good pair serves and logs the same.
  if (served.length > 0) {
    t.same(served.splice(0), [pair])
    t.same(said(), ['info: serving a new certificate'])
  }
  return { files, folder, write, served, clock, said }
}

const bad = 'error: cannot use the certificate; keeping the last good one'

t.test('Replaced files are served once', async t => {
  const { files, write, served, said } = await follow(t, first)
  t.same(files.ends(), [{ kind: 'leaf', notAfterMs: nowMs + dayMs }])
  await files.check()
  t.same(served, [], 'no change')
  write(second)
  await Promise.all([files.check(), files.check(), files.check()])
  t.same(served, [second])
  t.same(files.ends(), [{ kind: 'leaf', notAfterMs: nowMs + 2 * dayMs }])
  t.same(said(), ['info: serving a new certificate'])
})

t.test('A half-written pair leaves the last good one, in the log and in the metric', async t => {
  const { files, write, served, said } = await follow(t, first)
  const registry = createRegistry('1')
  observeCertificates(registry, files)
  const isCurrent = async () =>
    /^mlgitops_certificates_current .$/m.exec(await registry.metrics())?.[0]
  const cases: readonly (readonly [Partial<TlsPair>, string])[] = [
    [{ certificatePem: second.certificatePem.slice(0, 300) }, '--tls-cert: not a PEM certificate'],
    [
      { certificatePem: second.certificatePem },
      '--tls-key: a key that belongs to another certificate'
    ],
    [{ certificatePem: '' }, '--tls-cert: not a PEM certificate'],
    [{ ...second, keyPem: second.keyPem.slice(0, 60) }, '--tls-key: not a PEM private key'],
    [
      { ...second, certificatePem: `refuse me\n${second.certificatePem}` },
      '--tls-cert, --tls-key: a pair that OpenSSL rejects (ERR_SSL_EE_KEY_TOO_SMALL)'
    ]
  ]
  for (const [pair, found] of cases) {
    write(pair)
    await files.check()
    await files.check()
    t.same(said(), [`${bad}: ${found}`], 'logged once')
    t.same(served, [])
    t.equal(files.notReadyReason(), undefined)
    t.equal(await isCurrent(), 'mlgitops_certificates_current 0')
  }
  write(second)
  await files.check()
  t.same(served, [second])
  t.equal(await isCurrent(), 'mlgitops_certificates_current 1')
  write(first)
  write({ keyPem: second.keyPem })
  await files.check()
  write(second)
  await files.check()
  t.same(served, [second], 'the served pair again is not a change')
  t.equal(await isCurrent(), 'mlgitops_certificates_current 1')
})

t.test('Files that are read while they are written are not reported', async t => {
  const settling = Promise.withResolvers<undefined>()
  const written = Promise.withResolvers<undefined>()
  const { files, write, served, said } = await follow(t, first, {
    settle: () => {
      settling.resolve(undefined)
      return written.promise
    }
  })
  write({ certificatePem: second.certificatePem.slice(0, 300) })
  const look = files.check()
  await settling.promise
  write(second)
  written.resolve(undefined)
  await look
  await files.check()
  t.same(served, [second])
  t.same(said(), ['info: serving a new certificate'])
})

t.test('When files are deleted, the last good pair is served until it expires', async t => {
  const { files, folder, clock, said } = await follow(t, first)
  rmSync(path.join(folder, 'tls.key'))
  await files.check()
  t.same(said(), [`${bad}: --tls-key: no such file`])
  t.equal(files.notReadyReason(), undefined)
  clock.nowMs = nowMs + dayMs
  t.equal(files.notReadyReason(), 'the certificate has expired')
  clock.nowMs = nowMs - dayMs - 1
  t.equal(
    files.notReadyReason(),
    'the certificate is not valid before 2026-11-23T12:00:00.000Z; a clock is wrong'
  )
})

t.test('An expired certificate does not replace a valid one', async t => {
  const { files, write, served, clock, said } = await follow(t, second)
  const ended = await leaf(-1, 0)
  write(ended)
  await files.check()
  t.same(said(), [`${bad}: --tls-cert: a certificate that expired at 2026-11-24T12:00:00.000Z`])
  t.same(served, [])
  clock.nowMs = nowMs + 3 * dayMs
  write(first)
  await files.check()
  t.same(served, [first], 'if both have expired, the files win')
})

t.test('Missing files are waited for; unusable files are refused', async t => {
  const { files, write, served, said } = await follow(t, { certificatePem: first.certificatePem })
  t.same(files.ends(), [])
  t.equal(files.isCurrent(), false)
  t.equal(files.notReadyReason(), '--tls-key: the certificate file is missing: no such file')
  t.same(said(), ['error: cannot use the certificate; serving none: --tls-key: no such file'])
  write({ keyPem: second.keyPem })
  await files.check()
  t.equal(
    files.notReadyReason(),
    '--tls-key: cannot use the certificate files: a key that belongs to another certificate'
  )
  write(first)
  await files.check()
  t.same(served, [first])
  t.equal(files.notReadyReason(), undefined)
  await t.rejects(follow(t, { ...first, keyPem: second.keyPem }), {
    code: 'TLS_FILES_INVALID',
    details: { where: '--tls-key', found: 'a key that belongs to another certificate' }
  })
  const folder = t.testdir({ 'tls.crt': {}, 'tls.key': '' })
  const [certificatePath, keyPath] = ['tls.crt', 'tls.key'].map(file => path.join(folder, file))
  await t.rejects(readPair(certificatePath ?? '', keyPath ?? ''), {
    code: 'TLS_FILES_INVALID',
    details: { where: '--tls-cert', found: 'unreadable (EISDIR)' }
  })
})

t.test('The watch sees the single swap of a mounted Secret', async t => {
  const folder = t.testdir()
  const put = (name: string, { certificatePem, keyPem }: TlsPair) => {
    mkdirSync(path.join(folder, name))
    writeFileSync(path.join(folder, name, 'tls.crt'), certificatePem)
    writeFileSync(path.join(folder, name, 'tls.key'), keyPem)
  }
  put('..one', first)
  symlinkSync('..one', path.join(folder, '..data'))
  for (const file of ['tls.crt', 'tls.key']) {
    symlinkSync(path.join('..data', file), path.join(folder, file))
  }
  const served: TlsPair[] = []
  const lines: string[] = []
  const files = await followPairFiles({
    certificatePath: path.join(folder, 'tls.crt'),
    keyPath: path.join(folder, 'tls.key'),
    onPair: pair => served.push(pair),
    pollMs: 1_000_000,
    logger: createLogger({ level: 'error', write: line => lines.push(line), now: () => 0 }),
    now: () => nowMs
  })
  t.teardown(() => {
    files.stop()
  })
  put('..two', second)
  symlinkSync('..two', path.join(folder, '..data_tmp'))
  renameSync(path.join(folder, '..data_tmp'), path.join(folder, '..data'))
  await until(() => served.length > 1)
  t.same(served, [first, second])
  t.same(lines, [], 'the two files never mismatched')
})

t.test('The poll sees what the watch misses, until it is stopped', async t => {
  const { files, write, served, folder } = await follow(t, first, { pollMs: 20 })
  rmSync(folder, { recursive: true })
  mkdirSync(folder)
  write(second)
  await until(() => served.length > 0)
  write(third)
  const atWork = files.check()
  files.stop()
  await atWork
  // Another one that started later, and polls as often, has seen a change.
  const later = await follow(t, third, { pollMs: 20, folder })
  rmSync(folder, { recursive: true })
  mkdirSync(folder)
  write(first)
  await until(() => later.served.length > 0)
  t.same(
    served.map(pair => new X509Certificate(pair.certificatePem).validToDate.getTime()),
    [nowMs + 2 * dayMs]
  )
})
