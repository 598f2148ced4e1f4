import { X509Certificate } from 'node:crypto'
import t from 'tap'
import { readAuthorityState } from '../../service/certificates/authority-state.ts'
import { observeCertificates } from '../../service/certificates/certificate-metrics.ts'
import { issueAuthority, issueLeaf } from '../../service/certificates/issue.ts'
import { createRegistry } from '../../service/metrics/process-metrics.ts'
import { Cluster, dayMs, minuteMs, settings, tick } from './cluster.ts'

/** The authorities of a bundle, as fingerprints. */
function authoritiesIn(bundlePem: string): string[] {
  const pems = bundlePem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? []
  return pems.map(pem => new X509Certificate(pem).fingerprint256)
}

function currentOf(cluster: Cluster) {
  const state = readAuthorityState(cluster.secret.value)
  if (state === undefined) throw new Error('there is no authority')
  return state.current
}

function isSignedBy(leafPem: string | undefined, authorityPem: string): boolean {
  return new X509Certificate(leafPem ?? '').verify(new X509Certificate(authorityPem).publicKey)
}

t.test('A first replica makes the authority, a leaf for its names and the bundle', async t => {
  const cluster = new Cluster()
  const replica = cluster.replica()
  t.equal(replica.manager.notReadyReason(), 'no certificate yet')
  t.equal(replica.manager.isCurrent(), false)
  t.same(replica.manager.ends(), [])
  await tick(t, replica)
  t.equal(replica.manager.isCurrent(), true)
  const { certificatePem, notBeforeMs, notAfterMs } = currentOf(cluster)
  t.equal(cluster.bundle.value, certificatePem)
  t.same(
    [notBeforeMs, notAfterMs],
    [cluster.nowMs - 60 * minuteMs, cluster.nowMs + 10 * dayMs],
    'the authority holds from an hour ago, for clocks differ'
  )
  const leaf = new X509Certificate(replica.leaves[0]?.certificatePem ?? '')
  t.equal(leaf.subjectAltName, 'DNS:mlgitops.system.svc, IP Address:127.0.0.1')
  t.same([leaf.ca, leaf.keyUsage], [false, ['1.3.6.1.5.5.7.3.1']])
  t.ok(isSignedBy(leaf.toString(), certificatePem))
  t.same(replica.manager.ends(), [
    { kind: 'ca', notAfterMs },
    { kind: 'leaf', notAfterMs: cluster.nowMs + dayMs }
  ])
  t.same(cluster.said(), [
    'warn a new certificate authority signs from now on',
    'info a new certificate is served'
  ])
  const writes = [cluster.secret.writes, cluster.bundle.writes]
  await tick(t, replica)
  t.same([cluster.secret.writes, cluster.bundle.writes], writes, 'a further tick writes nothing')
  t.equal(replica.leaves.length, 1)
})

t.test('Two replicas that race to make the first authority use one', async t => {
  const cluster = new Cluster()
  const replicas = [cluster.replica(), cluster.replica(), cluster.replica()]
  const reads = { count: 0 }
  cluster.secret.before = verb => {
    if (verb === 'read') reads.count += 1
    else if (cluster.secret.writes === 0) t.ok(reads.count >= 3, 'all have read the empty Secret')
  }
  t.same(await Promise.all(replicas.map(({ manager }) => manager.tick())), [true, true, true])
  t.equal(cluster.secret.writes, 1, 'one has won')
  t.same(authoritiesIn(cluster.bundle.value), [currentOf(cluster).fingerprint])
  for (const { leaves, manager } of replicas) {
    t.equal(leaves.length, 1)
    t.ok(isSignedBy(leaves[0]?.certificatePem, currentOf(cluster).certificatePem))
    t.equal(manager.notReadyReason(), undefined)
  }
  t.ok(cluster.slept.length >= 2, 'who lost waits before it tries again')
  t.equal(cluster.said().filter(line => line.startsWith('warn')).length, 1)
})

t.test(
  'A rotation goes through both authorities in the bundle, and drops the old one last',
  async t => {
    const cluster = new Cluster()
    const replicas = [cluster.replica(), cluster.replica()] as const
    const all = async () => {
      for (const replica of replicas) await tick(t, replica)
    }
    await all()
    const first = currentOf(cluster).fingerprint
    cluster.nowMs += 7 * dayMs - 1
    await all()
    t.same(authoritiesIn(cluster.bundle.value), [first], 'three days before the end, not earlier')
    cluster.nowMs += 1
    await all()
    const [, second = ''] = authoritiesIn(cluster.bundle.value)
    t.same(authoritiesIn(cluster.bundle.value), [first, second], 'both are trusted')
    t.equal(currentOf(cluster).fingerprint, first, 'the old one still signs')
    cluster.nowMs += settings.settleMs - 1
    await all()
    t.equal(currentOf(cluster).fingerprint, first)
    cluster.nowMs += 1
    await all()
    t.same(
      authoritiesIn(cluster.bundle.value),
      [second, first],
      'the new one signs, both are trusted'
    )
    for (const { leaves } of replicas) {
      t.ok(isSignedBy(leaves.at(-1)?.certificatePem, currentOf(cluster).certificatePem))
    }
    cluster.nowMs += settings.leafLifetimeMs + settings.skewMs - 1
    await all()
    t.same(authoritiesIn(cluster.bundle.value), [second, first])
    cluster.nowMs += 1
    await all()
    t.same(authoritiesIn(cluster.bundle.value), [second], 'no leaf of the old one is left')
    t.notOk('previous-ca.crt' in cluster.secret.value)
  }
)

t.test('A bundle that somebody writes over is put right, and a rotation waits for it', async t => {
  const cluster = new Cluster()
  const replica = cluster.replica()
  await tick(t, replica)
  cluster.nowMs += 7 * dayMs
  await tick(t, replica)
  const both = cluster.bundle.value
  cluster.bundle.set('')
  cluster.nowMs += settings.settleMs
  await tick(t, replica)
  t.equal(cluster.bundle.value, both)
  t.equal(authoritiesIn(both)[0], currentOf(cluster).fingerprint)
  cluster.nowMs += settings.settleMs - 1
  await tick(t, replica)
  t.equal(authoritiesIn(both)[0], currentOf(cluster).fingerprint, 'it settles anew')
  cluster.nowMs += minuteMs
  await tick(t, replica)
  t.equal(authoritiesIn(both)[1], currentOf(cluster).fingerprint)
})

t.test('A leaf is renewed after two thirds of its life, by the same authority', async t => {
  const cluster = new Cluster()
  const replica = cluster.replica()
  await tick(t, replica)
  cluster.nowMs += 15 * 60 * minuteMs
  await tick(t, replica)
  t.equal(replica.leaves.length, 1)
  cluster.nowMs += 60 * minuteMs
  await tick(t, replica)
  t.equal(replica.leaves.length, 2)
  t.equal(cluster.secret.writes, 1)
})

t.test('An authority that has ended is replaced at once', async t => {
  const cluster = new Cluster()
  await tick(t, cluster.replica())
  const first = currentOf(cluster).fingerprint
  cluster.nowMs += 11 * dayMs
  const late = cluster.replica()
  await tick(t, late)
  t.not(currentOf(cluster).fingerprint, first)
  t.same(authoritiesIn(cluster.bundle.value), [currentOf(cluster).fingerprint])
  cluster.nowMs += 7 * dayMs
  await tick(t, late)
  const next = authoritiesIn(cluster.bundle.value)[1]
  cluster.nowMs += 3 * dayMs + 1
  await tick(t, cluster.replica())
  t.equal(currentOf(cluster).fingerprint, next, 'by the next one where it is there')
})

t.test('What is no authority in the Secret is named, and never written over', async t => {
  const nowMs = new Cluster().nowMs
  const validity = { notBeforeMs: nowMs - dayMs, notAfterMs: nowMs + dayMs }
  const one = await issueAuthority('one', validity)
  const two = await issueAuthority('two', validity)
  const leaf = await issueLeaf(one, ['x.svc'], validity)
  const good = { 'ca.crt': one.certificatePem, 'ca.key': one.keyPem }
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{ 'tls.crt': 'x' }, 'the certificate authority cannot be used [CA_INVALID]'],
    [{ ...good, 'ca.crt': 'text' }, 'the certificate authority cannot be used [CA_INVALID]'],
    [{ ...good, 'ca.key': two.keyPem }, 'the certificate authority cannot be used [CA_INVALID]'],
    [{ ...good, 'ca.key': '' }, 'the certificate authority cannot be used [CA_INVALID]'],
    [
      { 'ca.crt': leaf.certificatePem, 'ca.key': leaf.keyPem },
      'the certificate authority cannot be used [CA_INVALID]'
    ],
    [
      { ...good, 'next-ca.crt': two.certificatePem, 'next-ca.key': one.keyPem },
      'the certificate authority cannot be used [CA_INVALID]'
    ],
    [
      { ...good, 'previous-ca.crt': two.certificatePem, 'previous-remove-at': 'soon' },
      'not a time [CA_INVALID]'
    ]
  ]
  for (const [data, reason] of cases) {
    const cluster = new Cluster()
    cluster.secret.set(data)
    const { manager, leaves } = cluster.replica()
    t.equal(await manager.tick(), false)
    t.equal(manager.notReadyReason(), reason)
    t.same([cluster.secret.value, cluster.bundle.value, leaves], [data, '', []])
    t.same(cluster.said(), ['warn the certificates could not be kept up CA_INVALID'])
  }
})

t.test('A bundle is PEM even where the Secret’s data was trimmed by hand', async t => {
  const cluster = new Cluster()
  const replica = cluster.replica()
  await tick(t, replica)
  cluster.nowMs += 7 * dayMs
  await tick(t, replica)
  const before = authoritiesIn(cluster.bundle.value)
  t.equal(before.length, 2)
  const trimmed = Object.entries(cluster.secret.value).map(([key, text]) => [key, text.trim()])
  cluster.secret.set(Object.fromEntries(trimmed) as Record<string, string>)
  await tick(t, replica)
  t.same(authoritiesIn(cluster.bundle.value), before)
})

t.test('While the API is away the leaf stays; readiness says why only once it ended', async t => {
  const cluster = new Cluster()
  const replica = cluster.replica()
  await tick(t, replica)
  cluster.said()
  cluster.secret.before = () => {
    throw Object.assign(new Error('connect 10.0.0.1: secret'), { code: 'ECONNREFUSED' })
  }
  const registry = createRegistry('1')
  observeCertificates(registry, replica.manager)
  const shown = async () =>
    (await registry.metrics()).match(/^mlgitops_certificate[^#\n]+$/gm)?.join('\n')
  const seconds = cluster.nowMs / 1_000
  const ends = `mlgitops_certificate_not_after_seconds{kind="ca"} ${seconds + 864_000}
mlgitops_certificate_not_after_seconds{kind="leaf"} ${seconds + 86_400}`
  t.equal(await shown(), `${ends}\nmlgitops_certificates_current 1`)
  t.equal(await replica.manager.tick(), false)
  t.equal(replica.manager.notReadyReason(), undefined)
  t.equal(await shown(), `${ends}\nmlgitops_certificates_current 0`)
  cluster.nowMs += dayMs
  t.equal(
    replica.manager.notReadyReason(),
    'the certificate has ended; the certificates could not be kept up (ECONNREFUSED)'
  )
  t.notMatch(cluster.lines.join(''), /10\.0\.0\.1/)
  const fresh = cluster.replica()
  t.equal(await fresh.manager.tick(), false)
  t.equal(fresh.manager.notReadyReason(), 'the certificates could not be kept up (ECONNREFUSED)')
})

t.test('A bundle that cannot be published keeps the replica not ready', async t => {
  const cluster = new Cluster()
  cluster.bundle.before = verb => {
    if (verb === 'write') throw new TypeError('no')
  }
  const { manager, leaves } = cluster.replica()
  t.equal(await manager.tick(), false)
  t.equal(leaves.length, 1)
  t.equal(manager.notReadyReason(), 'the certificates could not be kept up (TypeError)')
  cluster.bundle.before = () => undefined
  t.equal(await manager.tick(), true)
  t.equal(manager.notReadyReason(), undefined)
})

t.test('A writer that never rests is named in place of a loop without an end', async t => {
  const cluster = new Cluster()
  cluster.bundle.before = verb => {
    if (verb === 'write') cluster.bundle.set('mine')
  }
  const { manager } = cluster.replica()
  t.equal(await manager.tick(), false)
  t.equal(
    manager.notReadyReason(),
    'other writers change the authorities or the bundle all the time [CA_CONTENDED]'
  )
  t.same(new Set(cluster.slept), new Set([100]))
})
