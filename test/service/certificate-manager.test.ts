import { X509Certificate } from 'node:crypto'
import t from 'tap'
import { readAuthorityState } from '../../service/certificates/authority-state.ts'
import { observeCertificates } from '../../service/certificates/certificate-metrics.ts'
import { issueAuthority, issueLeaf } from '../../service/certificates/issue.ts'
import { createRegistry } from '../../service/metrics/process-metrics.ts'
import { Cluster, dayMs, minuteMs, settings, tick } from './cluster.ts'

/** The fingerprints of the CAs in a bundle. */
function authoritiesIn(bundlePem: string): string[] {
  const pems = bundlePem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? []
  return pems.map(pem => new X509Certificate(pem).fingerprint256)
}

function currentOf(cluster: Cluster) {
  const state = readAuthorityState(cluster.secret.value)
  if (state === undefined) throw new Error('no CA')
  return state.current
}

function isSignedBy(leafPem: string | undefined, authorityPem: string): boolean {
  return new X509Certificate(leafPem ?? '').verify(new X509Certificate(authorityPem).publicKey)
}

t.test('The first replica creates the CA, a leaf for its names and the bundle', async t => {
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
    'the CA is valid from an hour ago, since clocks differ'
  )
  const leaf = new X509Certificate(replica.leaves[0]?.certificatePem ?? '')
  t.equal(leaf.subjectAltName, 'DNS:mlgitops.system.svc, IP Address:127.0.0.1')
  t.same([leaf.ca, leaf.keyUsage], [false, ['1.3.6.1.5.5.7.3.1']])
  t.ok(isSignedBy(leaf.toString(), certificatePem))
  t.same(replica.manager.ends(), [
    { kind: 'ca', notAfterMs },
    { kind: 'leaf', notAfterMs: cluster.nowMs + dayMs }
  ])
  t.same(cluster.said(), ['warn created a CA', 'info serving a new certificate'])
  const writes = [cluster.secret.writes, cluster.bundle.writes]
  await tick(t, replica)
  t.same([cluster.secret.writes, cluster.bundle.writes], writes, 'another tick writes nothing')
  t.equal(replica.leaves.length, 1)
})

t.test('Replicas that race to create the first CA use the same one', async t => {
  const cluster = new Cluster()
  const replicas = [cluster.replica(), cluster.replica(), cluster.replica()]
  const reads = { count: 0 }
  cluster.secret.before = verb => {
    if (verb === 'read') reads.count += 1
    else if (cluster.secret.writes === 0)
      t.ok(reads.count >= 3, 'every replica has read the empty Secret')
  }
  t.same(await Promise.all(replicas.map(({ manager }) => manager.tick())), [true, true, true])
  t.equal(cluster.secret.writes, 1, 'one replica wrote it')
  t.same(authoritiesIn(cluster.bundle.value), [currentOf(cluster).fingerprint])
  for (const { leaves, manager } of replicas) {
    t.equal(leaves.length, 1)
    t.ok(isSignedBy(leaves[0]?.certificatePem, currentOf(cluster).certificatePem))
    t.equal(manager.notReadyReason(), undefined)
  }
  t.ok(cluster.slept.length >= 2, 'the others wait before they try again')
  t.equal(cluster.said().filter(line => line.startsWith('warn')).length, 1)
})

t.test(
  'A rotation publishes both CAs before it signs with the new one and removes the old one',
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
    t.same(
      authoritiesIn(cluster.bundle.value),
      [first],
      'not earlier than three days before it expires'
    )
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
    t.same(authoritiesIn(cluster.bundle.value), [second], 'every leaf of the old CA has expired')
    t.notOk('previous-ca.crt' in cluster.secret.value)
  }
)

t.test(
  'A bundle that somebody overwrites is published again, and a rotation waits for it',
  async t => {
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
    t.equal(
      authoritiesIn(both)[0],
      currentOf(cluster).fingerprint,
      'the time to settle starts again'
    )
    cluster.nowMs += minuteMs
    await tick(t, replica)
    t.equal(authoritiesIn(both)[1], currentOf(cluster).fingerprint)
  }
)

t.test('A leaf is renewed after two thirds of its lifetime, by the same CA', async t => {
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

t.test('An expired CA is replaced at once', async t => {
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
  t.equal(currentOf(cluster).fingerprint, next, 'by the next CA if it exists')
})

t.test('A Secret with anything else than CAs is reported and never overwritten', async t => {
  const nowMs = new Cluster().nowMs
  const validity = { notBeforeMs: nowMs - dayMs, notAfterMs: nowMs + dayMs }
  const one = await issueAuthority('one', validity)
  const two = await issueAuthority('two', validity)
  const leaf = await issueLeaf(one, ['x.svc'], validity)
  const good = { 'ca.crt': one.certificatePem, 'ca.key': one.keyPem }
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{ 'tls.crt': 'x' }, 'cannot use the CA [CA_INVALID]'],
    [{ ...good, 'ca.crt': 'text' }, 'cannot use the CA [CA_INVALID]'],
    [{ ...good, 'ca.key': two.keyPem }, 'cannot use the CA [CA_INVALID]'],
    [{ ...good, 'ca.key': '' }, 'cannot use the CA [CA_INVALID]'],
    [{ 'ca.crt': leaf.certificatePem, 'ca.key': leaf.keyPem }, 'cannot use the CA [CA_INVALID]'],
    [
      { ...good, 'next-ca.crt': two.certificatePem, 'next-ca.key': one.keyPem },
      'cannot use the CA [CA_INVALID]'
    ],
    [
      { ...good, 'previous-ca.crt': two.certificatePem, 'previous-remove-at': 'soon' },
      'invalid time [CA_INVALID]'
    ]
  ]
  for (const [data, reason] of cases) {
    const cluster = new Cluster()
    cluster.secret.set(data)
    const { manager, leaves } = cluster.replica()
    t.equal(await manager.tick(), false)
    t.equal(manager.notReadyReason(), reason)
    t.same([cluster.secret.value, cluster.bundle.value, leaves], [data, '', []])
    t.same(cluster.said(), ['warn cannot renew certificates CA_INVALID'])
  }
})

t.test('The bundle is PEM even if the data of the Secret was trimmed by hand', async t => {
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

t.test(
  'Without an API server the leaf stays; the replica is not ready when it has expired',
  async t => {
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
      'the certificate has expired; cannot renew certificates (ECONNREFUSED)'
    )
    t.notMatch(cluster.lines.join(''), /10\.0\.0\.1/)
    const fresh = cluster.replica()
    t.equal(await fresh.manager.tick(), false)
    t.equal(fresh.manager.notReadyReason(), 'cannot renew certificates (ECONNREFUSED)')
  }
)

t.test('A bundle that cannot be published keeps the replica not ready', async t => {
  const cluster = new Cluster()
  cluster.bundle.before = verb => {
    if (verb === 'write') throw new TypeError('no')
  }
  const { manager, leaves } = cluster.replica()
  t.equal(await manager.tick(), false)
  t.equal(leaves.length, 1)
  t.equal(manager.notReadyReason(), 'cannot renew certificates (TypeError)')
  cluster.bundle.before = () => undefined
  t.equal(await manager.tick(), true)
  t.equal(manager.notReadyReason(), undefined)
})

t.test(
  'A Secret that another writer keeps changing is reported; there is no endless loop',
  async t => {
    const cluster = new Cluster()
    cluster.bundle.before = verb => {
      if (verb === 'write') cluster.bundle.set('mine')
    }
    const { manager } = cluster.replica()
    t.equal(await manager.tick(), false)
    t.equal(
      manager.notReadyReason(),
      'other writers keep changing the Secret or the bundle [CA_CONTENDED]'
    )
    t.same(new Set(cluster.slept), new Set([100]))
  }
)
