import t from 'tap'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { eventFacts } from '../../../plugin/flux/release/event-facts.ts'
import { configMap } from '../repository.ts'
import { FluxCluster, until } from './flux-cluster.ts'

const files = { 'app/map.yaml': configMap('v: {{ .Values.v | default "none" }}') }
const broken = { 'app/map.yaml': configMap('v: {{ .Values.nope }}') }
const [anybodys, source] = ['event.toolkit.fluxcd.io', 'source.toolkit.fluxcd.io']

/** What an event says, without the rest of its message and its token. */
function wordsOf(event: JsonObject | undefined) {
  const { [`${source}/token`]: token, ...metadata } = event?.metadata as JsonObject
  t.match(token, /^\d+$/)
  const object = event?.involvedObject
  return {
    object: `${stringMember(object, 'kind')}/${stringMember(object, 'name')}`,
    said: `${stringMember(event, 'severity')} ${stringMember(event, 'reason')}`,
    message: stringMember(event, 'message')?.split('\n')[0],
    metadata
  }
}

/** Events of the cluster, a line each, in no order of time. */
function eventsOf(cluster: FluxCluster): readonly string[] {
  const events = cluster.api.storage.list('events', 'ml').map(([, event]) => {
    const object = member(event, 'involvedObject')
    return `${stringMember(event, 'type')} ${stringMember(event, 'reason')} ${stringMember(object, 'kind')}`
  })
  return events.toSorted()
}

t.test('a failure is told once a commit, that it is mended too, each with its commit', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  await cluster.controller({}, { now: () => new Date() })
  await until(() => cluster.told.length === 1)
  const revision = cluster.artifact()?.revision ?? ''
  const message = `stored artifact for revision ${revision}`
  const object = 'ExternalArtifact/iris'
  const bad = cluster.push(broken)
  await until(() => cluster.told.length === 2)
  const failure = 'map.yaml:6:9: no value for .Values.nope [TEMPLATE_VALUE_MISSING]'
  t.same(wordsOf(cluster.told[1]), {
    object,
    said: 'error RenderFailed',
    message: failure,
    metadata: {
      [`${anybodys}/commit`]: bad,
      [`${source}/originRevision`]: `main@sha1:${bad}`
    }
  })

  t.comment('asked to look again, it says nothing new')
  cluster.release({}, { annotations: { 'reconcile.fluxcd.io/requestedAt': '1' } })
  await until(() => cluster.status().lastHandledReconcileAt === '1')
  t.equal(cluster.told.length, 2)

  t.comment('broken at another commit, it is told of that one')
  const worse = cluster.push({ ...broken, 'README.md': 'x' })
  await until(() => cluster.told.length === 3)
  t.same(wordsOf(cluster.told[2]).metadata, {
    [`${anybodys}/commit`]: worse,
    [`${source}/originRevision`]: `main@sha1:${worse}`
  })

  t.comment('mended, with what was published before')
  const good = cluster.push(files)
  await until(() => cluster.told.length === 4)
  t.same(wordsOf(cluster.told[3]), {
    object,
    said: 'info Succeeded',
    message,
    metadata: {
      [`${anybodys}/commit`]: good,
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

t.test('the same failure of the same commit after it was mended is another event', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  await cluster.controller()
  await until(() => cluster.told.length === 1)
  for (const [index, spec] of [{ valuesFrom: [{ kind: 'ConfigMap', name: 'no' }] }, {}].entries()) {
    cluster.release(spec)
    await until(() => cluster.told.length === 2 + index)
  }
  cluster.release({ valuesFrom: [{ kind: 'ConfigMap', name: 'no' }] })
  await until(() => cluster.told.length === 4)
  const [, first, mended, second] = cluster.told
  t.same(wordsOf(first).said, 'error ValuesNotReady')
  t.same(wordsOf(mended).said, 'info Succeeded')
  t.same(wordsOf(second), wordsOf(first))
  const tokenOf = (event: JsonObject | undefined) =>
    stringMember(event?.metadata, `${source}/token`)
  t.not(tokenOf(second), tokenOf(first), 'or notification-controller would drop it for 5 minutes')

  t.comment('at another commit, before anything of that is rendered')
  const commit = cluster.push({ 'README.md': 'x' })
  await until(() => cluster.status().lastAttemptedRevision === `main@sha1:${commit}`)
  await until(() => cluster.told.length === 5)
  t.equal(wordsOf(cluster.told[4]).metadata[`${anybodys}/commit`], commit)
})

t.test('a commit that changes nothing is told to Providers for commit status alone', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  await cluster.controller()
  await until(() => cluster.told.length === 1)
  const revision = cluster.artifact()?.revision ?? ''
  const commit = cluster.push({ 'README.md': 'x' })
  await until(() => cluster.told.length === 2)
  t.same(wordsOf(cluster.told[1]), {
    object: 'ExternalArtifact/iris',
    said: 'info Succeeded',
    message: `stored artifact for revision ${revision}`,
    metadata: {
      [`${source}/revision`]: revision,
      [`${source}/originRevision`]: `main@sha1:${commit}`,
      [`${source}/commit_status`]: 'update'
    }
  })
  t.same(eventsOf(cluster), ['Normal Succeeded ExternalArtifact'], 'and nobody in the cluster')
})

t.test(
  'broken from the first commit on: Alerts are told of the artifact that is to be',
  async t => {
    const cluster = await FluxCluster.start(t, broken)
    cluster.release({ artifactName: 'flowers' })
    await cluster.controller()
    await until(() => cluster.told.length === 1)
    t.same(cluster.told[0]?.involvedObject, {
      apiVersion: `${source}/v1`,
      kind: 'ExternalArtifact',
      namespace: 'ml',
      name: 'flowers'
    })
    t.equal(wordsOf(cluster.told[0]).said, 'error RenderFailed')
    t.same(eventsOf(cluster), ['Warning RenderFailed ModelRelease'], 'which there is')
  }
)

t.test('annotations of the release for Flux’s events are told with it', async t => {
  const cluster = await FluxCluster.start(t, files)
  const annotations = { [`${anybodys}/change_request`]: '12', 'example.com/other': 'x' }
  cluster.release({}, { annotations })
  await cluster.controller()
  await until(() => cluster.told.length === 1)
  const commit = cluster.repository.git('rev-parse', 'HEAD')
  t.same(wordsOf(cluster.told[0]).metadata, {
    [`${anybodys}/commit`]: commit,
    [`${anybodys}/change_request`]: '12',
    [`${source}/revision`]: cluster.artifact()?.revision,
    [`${source}/originRevision`]: `main@sha1:${commit}`
  })
})

t.test('a checksum of files is no commit', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.serve('files', cluster.archive())
  cluster.release({ sourceRef: { kind: 'Bucket', name: 'files' } })
  await cluster.controller()
  await until(() => cluster.told.length === 1)
  const { metadata } = wordsOf(cluster.told[0])
  t.match(metadata[`${source}/originRevision`], /^latest@sha256:[0-9a-f]{64}$/)
  t.notOk(Object.hasOwn(metadata, `${anybodys}/commit`))
})

t.test('started anew while it fails, it tells nothing twice, and that it is mended', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  const flux = await cluster.controller()
  await until(() => cluster.told.length === 1)
  cluster.push(broken)
  await until(() => cluster.told.length === 2 && cluster.ready().startsWith('False'))
  await flux.stop()
  await cluster.controller()
  cluster.release({}, { annotations: { 'reconcile.fluxcd.io/requestedAt': '1' } })
  await until(() => cluster.status().lastHandledReconcileAt === '1')
  t.equal(cluster.told.length, 2)
  const good = cluster.push(files)
  await until(() => cluster.told.length === 3)
  t.equal(wordsOf(cluster.told[2]).metadata[`${anybodys}/commit`], good)
})

t.test('which originRevision names a commit of Git', t => {
  const [sha1, sha256] = ['a'.repeat(40), 'b'.repeat(64)]
  const commitOf = (kind: string, originRevision: string | undefined) => {
    const body = { spec: { sourceRef: { kind } } }
    const meta = { namespace: 'ml', name: 'iris', uid: 'u', resourceVersion: '7', generation: 1 }
    const facts = eventFacts({ ...meta, body }, { originRevision, isCommitStatusOnly: false })
    return facts[`${anybodys}/commit`]
  }
  t.equal(commitOf('GitRepository', `main@sha1:${sha1}`), sha1)
  t.equal(commitOf('GitRepository', `sha1:${sha1}`), sha1, 'a source that follows a commit')
  t.equal(commitOf('GitRepository', `main@sha256:${sha256}`), sha256, 'a repository of SHA-256')
  t.equal(commitOf('OCIRepository', `main@sha1:${sha1}`), sha1, 'as flux push was told')
  t.equal(commitOf('OCIRepository', `latest@sha256:${sha256}`), undefined, 'a digest')
  t.equal(commitOf('GitRepository', undefined), undefined, 'there is no source yet')
  t.end()
})

t.test('killed before its status says so, it is told again in words of the same event', async t => {
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
  await until(() => cluster.told.length > 0)
  const told = cluster.told.length
  await flux.stop()
  isDown = false
  await cluster.controller()
  await until(() => cluster.ready().startsWith('True') && cluster.told.length > told)
  const [first] = cluster.told
  for (const event of cluster.told) t.same(identityOf(event), identityOf(first))
})

/** What notification-controller knows a duplicate by (internal/server/event_server.go). */
function identityOf(event: JsonObject | undefined) {
  const { kind, namespace, name } = event?.involvedObject as JsonObject
  const facts = ['revision', 'originRevision', 'token'].map(key => {
    return stringMember(event?.metadata, `${source}/${key}`)
  })
  return { kind, namespace, name, message: event?.message, facts }
}
