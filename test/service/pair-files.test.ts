import { X509Certificate } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { observeCertificates } from '../../service/certificates/certificate-metrics.ts'
import { issueAuthority, issueLeaf } from '../../service/certificates/issue.ts'
import { followPairFiles } from '../../service/certificates/pair-files.ts'
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

/** A leaf that holds from and until so many days from now. */
function leaf(from: number, to: number): Promise<TlsPair> {
  const held = { notBeforeMs: nowMs + from * dayMs, notAfterMs: nowMs + to * dayMs }
  return issueLeaf(authority, ['x.svc'], held)
}

/** Two files in a folder of the test, what follows them, and what it says. */
async function follow(t: Test, pair: Partial<TlsPair>, pollMs = 1_000_000) {
  const folder = t.testdir()
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
    pollMs,
    logger: createLogger({ level: 'info', write: line => lines.push(line), now: () => 0 }),
    now: () => clock.nowMs
  })
  t.teardown(() => {
    files.stop()
  })
  const said = () =>
    lines.splice(0).map(line => {
      const { level, message, where, found } = JSON.parse(line) as Record<string, string>
      return [level, message, where, found].filter(Boolean).join(': ')
    })
  // What a good start serves and says is the same everywhere.
  if (served.length > 0) {
    t.same(served.splice(0), [pair])
    t.same(said(), ['info: a new certificate is served'])
  }
  return { files, folder, write, served, clock, said }
}

const bad = 'error: the certificate is not usable; the last good one stays'

t.test('Replaced files are served, once a change', async t => {
  const { files, write, served, said } = await follow(t, first)
  t.same(files.ends(), [{ kind: 'leaf', notAfterMs: nowMs + dayMs }])
  await files.check()
  t.same(served, [], 'no change')
  write(second)
  await Promise.all([files.check(), files.check(), files.check()])
  t.same(served, [second])
  t.same(files.ends(), [{ kind: 'leaf', notAfterMs: nowMs + 2 * dayMs }])
  t.same(said(), ['info: a new certificate is served'])
})

t.test('A half-written pair leaves the last good one, in the log and in the metric', async t => {
  const { files, write, served, said } = await follow(t, first)
  const registry = createRegistry('1')
  observeCertificates(registry, files)
  const isCurrent = async () =>
    /^mlgitops_certificates_current .$/m.exec(await registry.metrics())?.[0]
  const cases: readonly (readonly [Partial<TlsPair>, string])[] = [
    [{ certificatePem: second.certificatePem.slice(0, 300) }, '--tls-cert: no PEM certificate'],
    [
      { certificatePem: second.certificatePem },
      '--tls-key: a key that belongs to another certificate'
    ],
    [{ certificatePem: '' }, '--tls-cert: no PEM certificate'],
    [{ ...second, keyPem: second.keyPem.slice(0, 60) }, '--tls-key: no PEM private key'],
    [
      { ...second, certificatePem: `refuse me\n${second.certificatePem}` },
      '--tls-cert, --tls-key: a pair that TLS refuses (ERR_SSL_EE_KEY_TOO_SMALL)'
    ]
  ]
  for (const [pair, found] of cases) {
    write(pair)
    await files.check()
    await files.check()
    t.same(said(), [`${bad}: ${found}`], 'said once')
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
  t.same(served, [second], 'back to what is served is no change')
  t.equal(await isCurrent(), 'mlgitops_certificates_current 1')
})

t.test('A look that meets files while they are written says nothing of it', async t => {
  const { files, write, served, said } = await follow(t, first)
  write({ certificatePem: second.certificatePem.slice(0, 300) })
  const look = files.check()
  await new Promise(resolve => setTimeout(resolve, 10))
  write(second)
  await look
  await files.check()
  t.same(served, [second])
  t.same(said(), ['info: a new certificate is served'])
})

t.test('Files that go away while it runs leave the last good pair until it ends', async t => {
  const { files, folder, clock, said } = await follow(t, first)
  rmSync(path.join(folder, 'tls.key'))
  await files.check()
  t.same(said(), [`${bad}: --tls-key: no such file`])
  t.equal(files.notReadyReason(), undefined)
  clock.nowMs = nowMs + dayMs
  t.equal(files.notReadyReason(), 'the certificate has ended')
  clock.nowMs = nowMs - dayMs - 1
  t.equal(
    files.notReadyReason(),
    'the certificate holds from 2026-11-23T12:00:00.000Z only; a clock is wrong'
  )
})

t.test('A certificate that has ended takes the place of none that has not', async t => {
  const { files, write, served, clock, said } = await follow(t, second)
  const ended = await leaf(-1, 0)
  write(ended)
  await files.check()
  t.same(said(), [`${bad}: --tls-cert: a certificate that ended at 2026-11-24T12:00:00.000Z`])
  t.same(served, [])
  clock.nowMs = nowMs + 3 * dayMs
  write(first)
  await files.check()
  t.same(served, [first], 'where both have ended the files are right')
})

t.test('Missing files are waited for; files that are there and wrong are refused', async t => {
  const { files, write, served, said } = await follow(t, { certificatePem: first.certificatePem })
  t.same(files.ends(), [])
  t.equal(files.isCurrent(), false)
  t.equal(files.notReadyReason(), '--tls-key: there is no certificate to serve: no such file')
  t.same(said(), ['error: the certificate is not usable; none is served: --tls-key: no such file'])
  write({ keyPem: second.keyPem })
  await files.check()
  t.equal(
    files.notReadyReason(),
    '--tls-key: the certificate files cannot be used: a key that belongs to another certificate'
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
    details: { where: '--tls-cert', found: 'it cannot be read (EISDIR)' }
  })
})

t.test('The one swap of a mounted Secret is seen by the watch', async t => {
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
  t.same(lines, [], 'there was no moment of two halves')
})

t.test('What the watch misses is seen by the poll, until it is stopped', async t => {
  const { files, write, served, folder } = await follow(t, first, 20)
  rmSync(folder, { recursive: true })
  mkdirSync(folder)
  write(second)
  await until(() => served.length > 0)
  write(third)
  const atWork = files.check()
  files.stop()
  await atWork
  await new Promise(resolve => setTimeout(resolve, 60))
  t.same(
    served.map(pair => new X509Certificate(pair.certificatePem).validToDate.getTime()),
    [nowMs + 2 * dayMs]
  )
})
