import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { ask } from '../../service/loopback.ts'
import { fastClock } from '../../service/kubernetes/served.ts'
import { configMap } from '../repository.ts'
import { FluxCluster, until } from './flux-cluster.ts'

const files = { 'app/map.yaml': configMap('v: {{ .Values.v | default "none" }}') }

/** Each status of the release iris that is written, with one line for each condition. */
function follow(cluster: FluxCluster): string[][] {
  const written: string[][] = []
  cluster.api.intercept = ({ verb, kind, name, body }) => {
    if (verb === 'patch' && kind === 'modelreleases.mlgitops.io/status' && name === 'iris') {
      const { status } = body as { status: Record<string, string> & JsonObject }
      const conditions = status.conditions as readonly Record<string, string>[]
      written.push([
        `generation ${status.observedGeneration ?? 'none'}, request ${status.lastHandledReconcileAt ?? 'none'}`,
        ...conditions.map(each => `${each.type} ${each.status} ${each.reason}: ${each.message}`)
      ])
    }
    return false
  }
  return written
}

t.test('Reconciling is set while a release is rendered, and removed when it is done', async t => {
  const cluster = await FluxCluster.start(t, files)
  const written = follow(cluster)
  cluster.release()
  const first = cluster.publish()
  await cluster.controller()
  await until(() => cluster.ready().startsWith('True'))
  const revision = cluster.artifact()?.revision ?? ''
  const done = [
    `Ready True Succeeded: stored artifact for revision ${revision}`,
    `ArtifactInStorage True Succeeded: stored artifact for revision ${revision}`
  ]
  t.same(written, [
    [
      'generation none, request none',
      `Ready Unknown Progressing: rendering main@sha1:${first}`,
      `Reconciling True Progressing: rendering main@sha1:${first}`
    ],
    ['generation 1, request none', ...done]
  ])

  t.comment('a broken commit: rendered, then retried, while the last good artifact stays')
  written.length = 0
  const second = cluster.push({ 'app/map.yaml': configMap('v: {{ .Values.nope }}') })
  await until(() => cluster.ready().startsWith('False'))
  const stored = `ArtifactInStorage True Succeeded: stored artifact for revision ${revision}`
  const why =
    'map.yaml:6:9: no value for .Values.nope [TEMPLATE_VALUE_MISSING]\n  expected: a key of the values: appName, environment, gitCommit, gitCommitShort, gitCommitShort8, modelCommit, modelCommitShort, modelCommitShort8, namespace, project, repoURL, sourcePath, targetRevision'
  t.same(
    written.map(([generation, ready = '', ...others]) => [
      generation,
      ready.split('\n')[0],
      ...others
    ]),
    [
      [
        'generation 1, request none',
        `Ready Unknown Progressing: rendering main@sha1:${second}`,
        `Reconciling True Progressing: rendering main@sha1:${second}`,
        stored
      ],
      [
        'generation 1, request none',
        `Ready False RenderFailed: ${why.split('\n')[0]}`,
        'Reconciling True ProgressingWithRetry: retrying',
        stored
      ]
    ]
  )

  t.comment('a request is marked as handled when the reconciliation is done')
  cluster.push(files)
  await until(() => cluster.ready().startsWith('True'))
  written.length = 0
  cluster.release({}, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } })
  await until(() => written.length > 0)
  cluster.release({}, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'later' } })
  await until(() => written.length > 1)
  t.same(written, [
    ['generation 1, request now', ...done],
    ['generation 1, request later', ...done]
  ])
})

t.test('a failure gives one event, however often the write of its status fails', async t => {
  const cluster = await FluxCluster.start(t, { 'app/map.yaml': configMap('v: {{ .Values.nope }}') })
  let refusals = 0
  cluster.api.intercept = ({ verb, kind, body }, response) => {
    const isFailure = JSON.stringify(body ?? {}).includes('RenderFailed')
    const isStatus = verb === 'patch' && kind === 'modelreleases.mlgitops.io/status'
    if (!isStatus || !isFailure || refusals === 3) return false
    refusals += 1
    response.writeHead(429, { 'content-type': 'application/json' }).end('{"kind":"Status"}')
    return true
  }
  cluster.release()
  await cluster.controller()
  await until(() => cluster.ready().startsWith('False'))
  await until(() => cluster.received.length > 0)
  t.equal(refusals, 3)
  cluster.push(files)
  await until(() => cluster.received.length > 1)
  t.strictSame(
    cluster.received.map(({ reason }) => reason),
    ['RenderFailed', 'Succeeded']
  )
})

t.test('a request retries a failed render without back-off', async t => {
  const cluster = await FluxCluster.start(t, { 'app/map.yaml': configMap('v: {{ .Values.nope }}') })
  cluster.release()
  const flux = await cluster.controller()
  const renders = async () => {
    const { body } = await ask(flux.metricsServer, { path: '/metrics' })
    return /^mlgitops_flux_renders_total (\d+)$/m.exec(body)?.[1]
  }
  await until(() => cluster.ready().startsWith('False'))
  t.equal(await renders(), '1')
  cluster.release({}, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } })
  await until(async () => (await renders()) === '2')
})

t.test('a status that somebody else wrote is replaced', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  const release = cluster.api.get('modelreleases', 'iris', 'ml') ?? {}
  const inventory = [{}, { name: 5 }, 'iris', { name: '..' }]
  cluster.api.put('modelreleases', { ...release, status: { inventory, conditions: [{}] } })
  await cluster.controller()
  await until(() => cluster.ready().startsWith('True'))
  const { status } = cluster.api.get('modelreleases', 'iris', 'ml') as { status: JsonObject }
  t.match(status.inventory, [{ name: 'iris', digest: cluster.artifact()?.digest }])
  t.same(cluster.warnings, [])
})

t.test('a file that is lost while the render fails is a condition, and is built later', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  const flux = await cluster.controller()
  await until(() => cluster.ready().startsWith('True'))
  const good = cluster.artifact()
  cluster.push({ 'app/map.yaml': configMap('v: {{ .Values.nope }}') })
  await until(() => cluster.ready().startsWith('False'))
  t.equal((await cluster.get(flux)).status, 200)
  const folder = path.join(cluster.work, 'storage/artifacts')
  const [file = ''] = readdirSync(folder)
  writeFileSync(path.join(folder, file), 'tampered')
  t.equal((await cluster.get(flux)).status, 404)
  await until(() => cluster.condition('ArtifactInStorage').startsWith('False'))
  t.equal(
    cluster.condition('ArtifactInStorage'),
    `False StorageOperationFailed: the file of revision ${good?.revision} is lost: downloads answer 404 until a render succeeds; applied objects stay`
  )
  t.same(cluster.artifact(), good, 'the publication stays, so that nothing is pruned')
  cluster.push(files)
  await until(() => cluster.ready().startsWith('True'))
  await until(async () => (await cluster.get(flux)).status === 200)
  t.match(cluster.condition('ArtifactInStorage'), 'True Succeeded')
  t.equal(cluster.artifact()?.revision, good?.revision)
})

t.test('a restart while the render fails keeps the published file on disk', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  const flux = await cluster.controller()
  await until(() => cluster.ready().startsWith('True'))
  const orphan = path.join(cluster.work, 'storage/artifacts', `${'0'.repeat(64)}.tar.gz`)
  writeFileSync(orphan, 'nobody publishes it')
  cluster.push({ 'app/map.yaml': configMap('v: {{ .Values.nope }}') })
  await until(() => cluster.ready().startsWith('False'))
  await flux.stop()
  // A minute takes a millisecond; unused files are removed after ten minutes.
  const clock = {
    ...fastClock,
    nowMs: () => performance.now() * 60_000,
    sleep: (ms: number, signal: AbortSignal) => fastClock.sleep(Math.min(ms, 5_000), signal)
  }
  const again = await cluster.controller({}, { clock })
  await until(() => !readdirSync(path.dirname(orphan)).includes(path.basename(orphan)))
  t.equal((await cluster.get(again)).status, 200)
})

t.test('nothing is written for a suspended release, but a lost file is built again', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  const flux = await cluster.controller()
  await until(() => cluster.ready().startsWith('True'))
  const good = cluster.artifact()
  await flux.stop()
  rmSync(path.join(cluster.work, 'storage'), { recursive: true })
  const written = follow(cluster)
  cluster.release({ suspend: true })
  const again = await cluster.controller()
  await until(async () => (await cluster.get(again)).status === 200)
  cluster.push({ 'app/map.yaml': configMap('v: changed') })
  cluster.release({ suspend: true }, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } })
  cluster.release({}, {}, 'other')
  await until(() => cluster.ready('other').startsWith('True'))
  t.same(cluster.artifact(), good)
  t.same(written, [])
  cluster.release({ suspend: false })
  await until(() => cluster.artifact()?.revision !== good?.revision)
  await until(() => cluster.ready().startsWith('True'))
  t.match(written.at(-1)?.[0], /^generation \d, request now$/)
})

t.test('an error of the disk is in the status', async t => {
  const cluster = await FluxCluster.start(t, files)
  const flux = await cluster.controller()
  await until(async () => (await ask(flux.server, { path: '/readyz' })).status === 200)
  const folder = path.join(cluster.work, 'storage/artifacts')
  rmSync(folder, { recursive: true })
  writeFileSync(folder, 'a file where a folder was')
  cluster.release()
  await until(() => cluster.ready().startsWith('False'))
  t.equal(
    cluster.ready(),
    'False StorageOperationFailed: cannot store the artifact [ARTIFACT_STORAGE]\n  found:    ENOTDIR'
  )
})

t.test('a change of a labelled ConfigMap or Secret is reconciled at once', async t => {
  const cluster = await FluxCluster.start(t, files)
  const lists: string[] = []
  cluster.api.intercept = ({ verb, plural, query, accept }) => {
    const kinds = ['configmaps', 'secrets']
    if (verb === 'list' && kinds.includes(plural)) {
      lists.push(`${plural} ${query.get('labelSelector')} ${accept.split(';')[1]}`)
    }
    return false
  }
  const values = (v: string) =>
    cluster.api.put('configmaps', {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', data: { 'values.yaml': `v: ${v}` } },
      metadata: {
        name: 'values',
        namespace: 'ml',
        labels: { 'reconcile.fluxcd.io/watch': 'Enabled' }
      }
    })
  values('one')
  cluster.release({ interval: '30m', valuesFrom: [{ kind: 'ConfigMap', name: 'values' }] })
  cluster.release({ interval: '30m' }, {}, 'other')
  await cluster.controller({ configSelector: 'reconcile.fluxcd.io/watch=Enabled' })
  await until(() =>
    [cluster.ready(), cluster.ready('other')].every(each => each.startsWith('True'))
  )
  t.same(lists.sort(), [
    'configmaps reconcile.fluxcd.io/watch=Enabled as=PartialObjectMetadataList',
    'secrets reconcile.fluxcd.io/watch=Enabled as=PartialObjectMetadataList'
  ])
  const [own, other] = [cluster.artifact()?.revision, cluster.artifact('other')]
  values('two')
  await until(() => cluster.artifact()?.revision !== own)
  t.same(cluster.artifact('other'), other)
})
