import t from 'tap'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { configMap } from '../repository.ts'
import { FluxCluster, until } from './flux-cluster.ts'

const flagged = {
  'app/map.yaml': configMap('v: "{{#if .Values.canary}}on{{else}}off{{/if}}"'),
  'app/values.yaml': 'canary: "false"\n'
}
const warning =
  'map.yaml:6:13: .Values.canary is the string "false", which is true: give it the type boolean in values.schema.json, or compare it with eq'

const conditionOf = (cluster: FluxCluster) =>
  (cluster.status().conditions as readonly JsonObject[]).find(({ type }) => type === 'Warnings')
const eventsOf = (cluster: FluxCluster) =>
  cluster.received.filter(({ reason }) => reason === 'RenderedWithWarnings')

t.test('warnings of a render are a condition and one event', async t => {
  const cluster = await FluxCluster.start(t, flagged)
  cluster.release()
  await cluster.controller()
  await until(() => cluster.ready().startsWith('True'))
  const condition = conditionOf(cluster)
  t.match(condition, {
    ...{ status: 'True', reason: 'RenderedWithWarnings' },
    ...{ message: warning, observedGeneration: 1 }
  })
  await until(() => eventsOf(cluster).length === 1)
  const [event] = eventsOf(cluster)
  t.match(event, {
    involvedObject: { kind: 'ExternalArtifact', name: 'iris' },
    severity: 'info',
    message: warning
  })
  t.notOk(
    member(event?.metadata, 'event.toolkit.fluxcd.io/commit'),
    'a Provider for commit status drops an event without a commit'
  )
  const reasons = cluster.api.storage
    .list('events', 'ml')
    .map(([, object]) => stringMember(object, 'reason'))
  t.ok(reasons.includes('RenderedWithWarnings'), 'in the cluster too')

  t.comment('a failure keeps the condition, because the artifact stays published')
  const good = conditionOf(cluster)
  cluster.push({ 'app/map.yaml': configMap('v: {{ .Values.nope }}') })
  await until(() => cluster.ready().startsWith('False'))
  t.same(conditionOf(cluster), good)

  t.comment('the same warnings at another commit give no second event')
  const again = cluster.push({ ...flagged, 'README.md': 'x' })
  await until(() => cluster.status().lastAttemptedRevision === `main@sha1:${again}`)
  await until(() => cluster.ready().startsWith('True'))
  t.equal(eventsOf(cluster).length, 1)

  t.comment('without warnings the condition is removed')
  cluster.push({ 'app/values.yaml': 'canary: false\n' })
  await until(() => conditionOf(cluster) === undefined)
  t.ok(cluster.ready().startsWith('True'))
})

t.test('hooks of Helm, which Flux applies like all other objects, are a warning', async t => {
  const hook = configMap('v: x', 'migrate').replace(
    'metadata:',
    'metadata:\n  annotations: {helm.sh/hook: pre-upgrade}'
  )
  const cluster = await FluxCluster.start(t, {
    'app/map.yaml': configMap('v: 1'),
    'app/hook.yaml': hook
  })
  cluster.release()
  await cluster.controller()
  await until(() => cluster.ready().startsWith('True'))
  t.equal(
    stringMember(conditionOf(cluster), 'message'),
    'Flux applies Helm hooks like all other objects: ConfigMap migrate (docs/helm.md)'
  )
})
