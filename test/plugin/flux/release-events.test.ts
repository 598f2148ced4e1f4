import t from 'tap'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { eventFacts } from '../../../plugin/flux/release/event-facts.ts'
import { configMap } from '../repository.ts'
import { FluxCluster, until } from './flux-cluster.ts'

const files = { 'app/map.yaml': configMap('v: {{ .Values.v | default "none" }}') }
const broken = { 'app/map.yaml': configMap('v: {{ .Values.nope }}') }
const [event, source] = ['event.toolkit.fluxcd.io', 'source.toolkit.fluxcd.io']

/** An event without its token, with the first line of its message. */
function summaryOf(received: JsonObject | undefined) {
  const { [`${source}/token`]: token, ...metadata } = received?.metadata as JsonObject
  t.match(token, /^\d+$/)
  const object = received?.involvedObject
  return {
    object: `${stringMember(object, 'kind')}/${stringMember(object, 'name')}`,
    reason: `${stringMember(received, 'severity')} ${stringMember(received, 'reason')}`,
    message: stringMember(received, 'message')?.split('\n')[0],
    metadata
  }
}

/** Events of the cluster, one line each, sorted. */
function eventsOf(cluster: FluxCluster): readonly string[] {
  const events = cluster.api.storage.list('events', 'ml').map(([, object]) => {
    const kind = stringMember(member(object, 'involvedObject'), 'kind')
    return `${stringMember(object, 'type')} ${stringMember(object, 'reason')} ${kind}`
  })
  return events.toSorted()
}

t.test('a failure gives one event for each commit, and its fix another', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  await cluster.controller({}, { now: () => new Date() })
  await until(() => cluster.received.length === 1)
  const revision = cluster.artifact()?.revision ?? ''
  const message = `stored artifact for revision ${revision}`
  const object = 'ExternalArtifact/iris'
  const bad = cluster.push(broken)
  await until(() => cluster.received.length === 2)
  const failure = 'map.yaml:6:9: no value for .Values.nope [TEMPLATE_VALUE_MISSING]'
  t.same(summaryOf(cluster.received[1]), {
    object,
    reason: 'error RenderFailed',
    message: failure,
    metadata: {
      [`${event}/commit`]: bad,
      [`${source}/originRevision`]: `main@sha1:${bad}`
    }
  })

  t.comment('a request gives no second event')
  cluster.release({}, { annotations: { 'reconcile.fluxcd.io/requestedAt': '1' } })
  await until(() => cluster.status().lastHandledReconcileAt === '1')
  t.equal(cluster.received.length, 2)

  t.comment('the same failure at another commit')
  const worse = cluster.push({ ...broken, 'README.md': 'x' })
  await until(() => cluster.received.length === 3)
  t.same(summaryOf(cluster.received[2]).metadata, {
    [`${event}/commit`]: worse,
    [`${source}/originRevision`]: `main@sha1:${worse}`
  })

  t.comment('fixed, with the same publication as before')
  const good = cluster.push(files)
  await until(() => cluster.received.length === 4)
  t.same(summaryOf(cluster.received[3]), {
    object,
    reason: 'info Succeeded',
    message,
    metadata: {
      [`${event}/commit`]: good,
      [`${source}/revision`]: revision,
      [`${source}/originRevision`]: `main@sha1:${good}`
    }
  })
  t.same(eventsOf(cluster), [
    'Normal Succeeded ExternalArtifact',
    'Normal Succeeded ExternalArtifact',
    'Warning RenderFailed ExternalArtifact',
    'Warning RenderFailed ExternalArtifact'
  ])
})

t.test('the same failure of the same commit after a fix is another event', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  await cluster.controller()
  await until(() => cluster.received.length === 1)
  for (const [index, spec] of [{ valuesFrom: [{ kind: 'ConfigMap', name: 'no' }] }, {}].entries()) {
    cluster.release(spec)
    await until(() => cluster.received.length === 2 + index)
  }
  cluster.release({ valuesFrom: [{ kind: 'ConfigMap', name: 'no' }] })
  await until(() => cluster.received.length === 4)
  const [, first, fixed, second] = cluster.received
  t.same(summaryOf(first).reason, 'error ValuesNotReady')
  t.same(summaryOf(fixed).reason, 'info Succeeded')
  t.same(summaryOf(second), summaryOf(first))
  const tokenOf = (received: JsonObject | undefined) =>
    stringMember(received?.metadata, `${source}/token`)
  t.not(
    tokenOf(second),
    tokenOf(first),
    'notification-controller drops the same token for 5 minutes'
  )

  t.comment('at another commit, before that is rendered')
  const commit = cluster.push({ 'README.md': 'x' })
  await until(() => cluster.status().lastAttemptedRevision === `main@sha1:${commit}`)
  await until(() => cluster.received.length === 5)
  t.equal(summaryOf(cluster.received[4]).metadata[`${event}/commit`], commit)
})

t.test('a commit that changes nothing gives an event for commit status only', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  await cluster.controller()
  await until(() => cluster.received.length === 1)
  const revision = cluster.artifact()?.revision ?? ''
  const commit = cluster.push({ 'README.md': 'x' })
  await until(() => cluster.received.length === 2)
  t.same(summaryOf(cluster.received[1]), {
    object: 'ExternalArtifact/iris',
    reason: 'info Succeeded',
    message: `stored artifact for revision ${revision}`,
    metadata: {
      [`${source}/revision`]: revision,
      [`${source}/originRevision`]: `main@sha1:${commit}`,
      [`${source}/commit_status`]: 'update'
    }
  })
  t.same(eventsOf(cluster), ['Normal Succeeded ExternalArtifact'], 'no event in the cluster')
})

t.test(
  'a release that is broken from the first commit on gives events of its future artifact',
  async t => {
    const cluster = await FluxCluster.start(t, broken)
    cluster.release({ artifactName: 'flowers' })
    await cluster.controller()
    await until(() => cluster.received.length === 1)
    t.same(cluster.received[0]?.involvedObject, {
      apiVersion: `${source}/v1`,
      kind: 'ExternalArtifact',
      namespace: 'ml',
      name: 'flowers'
    })
    t.equal(summaryOf(cluster.received[0]).reason, 'error RenderFailed')
    t.same(
      eventsOf(cluster),
      ['Warning RenderFailed ModelRelease'],
      'in the cluster, of an object that exists'
    )
  }
)

t.test('annotations of the release for events of Flux are added to the event', async t => {
  const cluster = await FluxCluster.start(t, files)
  const annotations = { [`${event}/change_request`]: '12', 'example.com/other': 'x' }
  cluster.release({}, { annotations })
  await cluster.controller()
  await until(() => cluster.received.length === 1)
  const commit = cluster.repository.git('rev-parse', 'HEAD')
  t.same(summaryOf(cluster.received[0]).metadata, {
    [`${event}/commit`]: commit,
    [`${event}/change_request`]: '12',
    [`${source}/revision`]: cluster.artifact()?.revision,
    [`${source}/originRevision`]: `main@sha1:${commit}`
  })
})

t.test('a checksum of files is not sent as a commit', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.serve('files', cluster.archive())
  cluster.release({ sourceRef: { kind: 'Bucket', name: 'files' } })
  await cluster.controller()
  await until(() => cluster.received.length === 1)
  const { metadata } = summaryOf(cluster.received[0])
  t.match(metadata[`${source}/originRevision`], /^latest@sha256:[0-9a-f]{64}$/)
  t.notOk(Object.hasOwn(metadata, `${event}/commit`))
})

t.test('a restart during a failure repeats no event, and the fix gives one', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  const flux = await cluster.controller()
  await until(() => cluster.received.length === 1)
  cluster.push(broken)
  await until(() => cluster.received.length === 2 && cluster.ready().startsWith('False'))
  await flux.stop()
  await cluster.controller()
  cluster.release({}, { annotations: { 'reconcile.fluxcd.io/requestedAt': '1' } })
  await until(() => cluster.status().lastHandledReconcileAt === '1')
  t.equal(cluster.received.length, 2)
  const good = cluster.push(files)
  await until(() => cluster.received.length === 3)
  t.equal(summaryOf(cluster.received[2]).metadata[`${event}/commit`], good)
})

t.test('the commit of an event is read from originRevision', t => {
  const [sha1, sha256] = ['a'.repeat(40), 'b'.repeat(64)]
  const commitOf = (kind: string, originRevision: string | undefined) => {
    const body = { spec: { sourceRef: { kind } } }
    const meta = { namespace: 'ml', name: 'iris', uid: 'u', resourceVersion: '7', generation: 1 }
    const facts = eventFacts({ ...meta, body }, { originRevision, isCommitStatusOnly: false })
    return facts[`${event}/commit`]
  }
  t.equal(commitOf('GitRepository', `main@sha1:${sha1}`), sha1)
  t.equal(commitOf('GitRepository', `sha1:${sha1}`), sha1, 'a source with ref.commit')
  t.equal(
    commitOf('GitRepository', `main@sha256:${sha256}`),
    sha256,
    'a Git repository with SHA-256'
  )
  t.equal(commitOf('OCIRepository', `main@sha1:${sha1}`), sha1, 'given to flux push')
  t.equal(commitOf('OCIRepository', `latest@sha256:${sha256}`), undefined, 'a digest')
  t.equal(commitOf('GitRepository', undefined), undefined, 'no source yet')
  t.end()
})

t.test('an event that is sent again after a crash is a duplicate of the first', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  let isDown = true
  cluster.api.intercept = ({ verb, kind, body }, response) => {
    const isReady = JSON.stringify(body ?? {}).includes('"reason":"Succeeded"')
    const isLost = isDown && verb === 'patch' && isReady && kind.startsWith('modelreleases')
    if (isLost) response.writeHead(503).end()
    return isLost
  }
  const flux = await cluster.controller()
  await until(() => cluster.received.length > 0)
  const before = cluster.received.length
  await flux.stop()
  isDown = false
  await cluster.controller()
  await until(() => cluster.ready().startsWith('True') && cluster.received.length > before)
  const [first] = cluster.received
  for (const each of cluster.received) t.same(identityOf(each), identityOf(first))
})

/** The fields by which notification-controller detects duplicates (internal/server/event_server.go). */
function identityOf(received: JsonObject | undefined) {
  const { kind, namespace, name } = received?.involvedObject as JsonObject
  const facts = ['revision', 'originRevision', 'token'].map(key => {
    return stringMember(received?.metadata, `${source}/${key}`)
  })
  return { kind, namespace, name, message: received?.message, facts }
}
