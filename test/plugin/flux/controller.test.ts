import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { generateKeyPair } from '../../../evidence/attestation/key.ts'
import { ask } from '../../service/loopback.ts'
import { configMap } from '../repository.ts'
import { FluxCluster, until } from './flux-cluster.ts'
import { metric } from './metric.ts'

const files = { 'app/map.yaml': configMap('v: {{ .Values.v | default "none" }}') }

t.test('a release is rendered, published and served, and an event is sent', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release({ interval: '30m' })
  const commit = cluster.repository.git('rev-parse', 'HEAD')
  const flux = await cluster.controller()
  await until(() => cluster.ready().startsWith('True'))
  const artifact = cluster.artifact()
  const revision = artifact?.revision ?? ''
  const digest = artifact?.digest ?? ''
  t.match(revision, /^iris@sha256:[0-9a-f]{64}$/)
  const file = `artifacts/${digest.slice(7)}.tar.gz`
  t.same(artifact, {
    digest,
    revision,
    path: file,
    url: `http://mlgitops.flux-system.svc.cluster.local./${file}`,
    size: artifact?.size,
    lastUpdateTime: '2026-11-26T09:00:00Z',
    metadata: {
      'org.opencontainers.image.revision': `main@sha1:${commit}`,
      'org.opencontainers.image.source': 'https://git.example.com/x.git'
    }
  })
  const object = cluster.api.get('externalartifacts', 'iris', 'ml')
  const release = cluster.api.get('modelreleases', 'iris', 'ml') as { metadata: { uid: string } }
  const { uid } = release.metadata
  const ours = { apiVersion: 'mlgitops.io/v1alpha1', kind: 'ModelRelease', name: 'iris' }
  t.match(object, {
    metadata: {
      labels: { 'app.kubernetes.io/managed-by': 'mlgitops', 'mlgitops.io/release': uid },
      ownerReferences: [{ ...ours, uid, controller: true, blockOwnerDeletion: true }]
    },
    spec: { sourceRef: { ...ours, namespace: 'ml' } }
  })
  t.match(release, {
    metadata: { finalizers: ['finalizers.mlgitops.io'] },
    status: {
      observedGeneration: 1,
      lastAttemptedRevision: `main@sha1:${commit}`,
      inventory: [
        { name: 'iris', namespace: 'ml', revision, digest, originRevision: `main@sha1:${commit}` }
      ]
    }
  })
  t.equal(cluster.ready(), `True Succeeded: stored artifact for revision ${revision}`)
  t.equal((await cluster.get(flux)).status, 200)
  t.equal((await ask(flux.server, { path: '/readyz' })).status, 200)
  t.match(cluster.received, [
    {
      involvedObject: { kind: 'ExternalArtifact', namespace: 'ml', name: 'iris' },
      severity: 'info',
      reason: 'Succeeded',
      metadata: {
        'event.toolkit.fluxcd.io/commit': commit,
        'source.toolkit.fluxcd.io/revision': revision,
        'source.toolkit.fluxcd.io/originRevision': `main@sha1:${commit}`
      }
    }
  ])
  t.equal(cluster.received.length, 1)

  t.comment('a commit that changes nothing else and a request write only the status')
  const unrelated = cluster.push({ 'README.md': 'x' })
  await until(() => cluster.status().lastAttemptedRevision === `main@sha1:${unrelated}`)
  await until(() => cluster.ready().startsWith('True'))
  const writes = cluster.api.log.filter(line => line.startsWith('patch')).length
  cluster.release({ interval: '30m' }, { annotations: { 'reconcile.fluxcd.io/requestedAt': '1' } })
  await until(() => {
    const status = cluster.api.get('modelreleases', 'iris', 'ml')?.status as JsonObject
    return status.lastHandledReconcileAt === '1'
  })
  t.equal(await metric(flux, 'mlgitops_flux_renders_total'), 2)
  const written = cluster.api.log.filter(line => line.startsWith('patch')).length - writes
  t.equal(written, 1, 'the status, with the handled request')
  t.same(cluster.artifact(), artifact)
})

t.test('a broken commit keeps the last good artifact, and the status has the fault', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  const flux = await cluster.controller()
  await until(() => cluster.ready().startsWith('True'))
  const good = cluster.artifact()
  cluster.push({ 'app/map.yaml': configMap('v: {{ .Values.nope }}') })
  await until(() => cluster.ready().startsWith('False'))
  t.match(
    cluster.ready(),
    'False RenderFailed: map.yaml:6:9: no value for .Values.nope [TEMPLATE_VALUE_MISSING]'
  )
  t.same(cluster.artifact(), good)
  t.equal((await cluster.get(flux)).status, 200)
  cluster.push(files)
  await until(() => cluster.ready().startsWith('True'))
  t.same(cluster.artifact(), good, 'the old revision, without a new file')
  cluster.publish({ digest: `sha256:${'0'.repeat(64)}` })
  await until(() => cluster.ready().startsWith('False'))
  t.match(cluster.ready(), 'False FetchFailed: the file of the source does not match its digest')
  cluster.publish()
  await until(() => cluster.ready().startsWith('True'))
  t.same(cluster.artifact(), good)
})

t.test(
  'changes and deletions by others are reverted; an empty disk gives the same digests',
  async t => {
    const cluster = await FluxCluster.start(t, files)
    cluster.release()
    const flux = await cluster.controller()
    await until(() => cluster.ready().startsWith('True'))
    const good = cluster.artifact()
    const object = cluster.api.get('externalartifacts', 'iris', 'ml') ?? {}
    const evil = { ...good, url: 'http://evil/', digest: `sha256:${'1'.repeat(64)}` }
    cluster.api.put('externalartifacts', { ...object, status: { artifact: evil } })
    await until(() => cluster.artifact()?.url === good?.url)
    t.same(cluster.artifact()?.digest, good?.digest)
    cluster.api.delete('externalartifacts', 'iris', 'ml')
    await until(() => cluster.artifact()?.url === good?.url)
    const folder = path.join(cluster.work, 'storage/artifacts')
    for (const file of readdirSync(folder)) rmSync(path.join(folder, file))
    await until(async () => (await cluster.get(flux)).status === 200)
    await flux.stop()
    rmSync(path.join(cluster.work, 'storage'), { recursive: true })
    const restarted = await cluster.controller()
    await until(async () => (await cluster.get(restarted)).status === 200)
    t.same(cluster.artifact()?.digest, good?.digest)
  }
)

t.test('values and the key are read in the namespace of the release', async t => {
  const cluster = await FluxCluster.start(t, {
    'app/pod.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: "host/{{ .Values.image }}", args: ["{{ .Values.arg }}"]}]}\n'
  })
  cluster.release({
    valuesFrom: [
      { kind: 'ConfigMap', name: 'values' },
      { kind: 'Secret', name: 'more', valuesKey: 'own.yaml' },
      { kind: 'Secret', name: 'absent', optional: true }
    ],
    values: { arg: 'own' },
    signing: { secretRef: { name: 'key' } }
  })
  const flux = await cluster.controller()
  await until(() => cluster.ready() !== '')
  t.match(
    cluster.ready(),
    'False ValuesNotReady: ConfigMap values: the object or its key values.yaml does not exist [RELEASE_REFERENCE]'
  )
  const core = (kind: string, name: string, data: JsonObject) => ({
    ...{ apiVersion: 'v1', kind, metadata: { name, namespace: 'ml' }, data }
  })
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  cluster.api.put(
    'configmaps',
    core('ConfigMap', 'values', { 'values.yaml': 'image: one\narg: x\n' })
  )
  cluster.api.put('secrets', core('Secret', 'more', { 'own.yaml': base64('image: two\n') }))
  cluster.api.put(
    'secrets',
    core('Secret', 'key', { 'signing.key': base64(generateKeyPair().privatePem) })
  )
  await until(() => cluster.ready().startsWith('True'))
  t.ok((await cluster.get(flux)).status === 200)
  t.ok(Number(cluster.artifact()?.size) > 800, 'with an attestation')
})

t.test('an invalid or refused release is stalled, and takes nothing over', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.api.put('externalartifacts', {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'ExternalArtifact',
    metadata: { name: 'foreign', namespace: 'ml' },
    status: { artifact: { url: 'http://x' } }
  })
  const git = { kind: 'GitRepository', name: 'repo' }
  cluster.release({ sourceRef: { ...git, namespace: 'other' } }, {}, 'elsewhere')
  cluster.release({ artifactName: 'foreign' }, {}, 'foreign')
  cluster.release({ interval: 'soon', nope: 1 }, {}, 'invalid')
  cluster.release({ sourceRef: { ...git, name: 'absent' } }, {}, 'absent')
  cluster.release({ suspend: true }, {}, 'suspended')
  const flux = await cluster.controller()
  await until(() =>
    ['elsewhere', 'foreign', 'invalid', 'absent'].every(name => cluster.ready(name) !== '')
  )
  t.equal(
    cluster.ready('elsewhere'),
    'False AccessDenied: the source is in namespace other: sources in other namespaces are not allowed (--cross-namespace-sources)'
  )
  t.match(
    cluster.ready('foreign'),
    'False ArtifactNotOurs: ExternalArtifact foreign already exists and is not owned by this ModelRelease'
  )
  t.match(
    cluster.ready('invalid'),
    /^False InvalidSpec: the ModelRelease is invalid:\n {2}spec.*nope.*\n {2}spec.interval: expected a duration such as 10m or 1h30m, found a string$/
  )
  t.equal(cluster.ready('absent'), 'False SourceNotReady: GitRepository ml/absent does not exist')
  t.equal(cluster.ready('suspended'), '')
  t.same(cluster.artifact('foreign'), { url: 'http://x' })
  const stalled = cluster.api.get('modelreleases', 'invalid', 'ml')?.status as JsonObject
  t.match(stalled.conditions, [
    { type: 'Ready' },
    { type: 'Stalled', status: 'True', reason: 'InvalidSpec' }
  ])
  t.equal(await metric(flux, 'mlgitops_flux_renders_total'), 0)
  const exported = async () => {
    const { body } = await ask(flux.metricsServer, { path: '/metrics' })
    const lines = body.split('\n')
    return lines.filter(line => /^mlgitops_flux_(?:release_not_)?ready/.test(line)).sort()
  }
  const series = (name: string, reason: string) =>
    `mlgitops_flux_release_not_ready{namespace="ml",name="${name}",reason="${reason}"} 1`
  const failing = [
    'mlgitops_flux_ready 1',
    series('absent', 'SourceNotReady'),
    series('elsewhere', 'AccessDenied'),
    series('foreign', 'ArtifactNotOurs'),
    series('invalid', 'InvalidSpec')
  ]
  await until(async () => (await exported()).join() === failing.join())
  cluster.release({ suspend: false }, {}, 'suspended')
  await until(() => cluster.ready('suspended').startsWith('True'))
})

t.test(
  'the artifact of a deleted release is deleted; a new artifact name replaces the old one',
  async t => {
    const cluster = await FluxCluster.start(t, files)
    cluster.release()
    await cluster.controller()
    await until(() => cluster.ready().startsWith('True'))
    cluster.release({ artifactName: 'renamed' })
    await until(() => cluster.artifact('renamed') !== undefined)
    await until(() => cluster.artifact('iris') === undefined)
    cluster.release({ artifactName: 'renamed' }, { deletionTimestamp: '2026-11-26T09:00:00Z' })
    await until(() => cluster.artifact('renamed') === undefined)
    await until(() => {
      const metadata = cluster.api.get('modelreleases', 'iris', 'ml')?.metadata as JsonObject
      return (metadata.finalizers as readonly string[]).length === 0
    })
  }
)

t.test('one of two replicas leads, and the other takes over', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  const lease = { namespace: 'flux-system', name: 'mlgitops-flux' }
  const first = await cluster.controller({ lease })
  await until(() => first.readiness.isReady)
  // Each pod has its own disk: a start empties it.
  const storage = path.join(cluster.work, 'storage-of-pod-2')
  const second = await cluster.controller({ lease }, { identity: 'pod-2', storage })
  await until(() => cluster.ready().startsWith('True'))
  const reads = cluster.api.log.filter(line => line.includes('leases')).length
  // Both replicas read the Lease.
  await until(() => cluster.api.log.filter(line => line.includes('leases')).length > reads + 10)
  t.match(
    (await ask(second.server, { path: '/readyz' })).body,
    '[-]leader: another replica is the leader, or none is yet'
  )
  await first.stop()
  await until(() => second.readiness.isReady)
  const held = cluster.api.get('leases', 'mlgitops-flux', 'flux-system')?.spec as JsonObject
  t.equal(held.holderIdentity, 'pod-2')
  t.equal(held.leaseTransitions, 2, 'released, and acquired')
})
