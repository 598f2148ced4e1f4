import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { configMap } from '../repository.ts'
import { FluxCluster, until } from './flux-cluster.ts'

const files = { 'app/map.yaml': configMap('v: {{ .Values.v | default "none" }}') }
/** So long that no reconciliation is due to the interval. */
const interval = '720h'

function ownerIn(cluster: FluxCluster, name: string): string {
  const metadata = cluster.api.get('externalartifacts', name, 'ml')?.metadata as JsonObject
  const [reference] = metadata.ownerReferences as readonly { readonly name: string }[]
  return reference?.name ?? 'nobody'
}

t.test('an artifact name is taken at once when its owner deletes it', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.api.put('externalartifacts', {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'ExternalArtifact',
    metadata: { name: 'iris', namespace: 'ml' },
    status: { artifact: { url: 'http://x' } }
  })
  cluster.release({ interval })
  await cluster.controller()
  await until(() => cluster.ready().startsWith('False ArtifactNotOurs'))
  cluster.api.delete('externalartifacts', 'iris', 'ml')
  await until(() => cluster.ready().startsWith('True'))
  t.equal(ownerIn(cluster, 'iris'), 'iris')
})

t.test('one of two releases owns an artifact name; the other gets it afterwards', async t => {
  const cluster = await FluxCluster.start(t, files)
  for (const name of ['a', 'b']) {
    cluster.release({ artifactName: 'one', interval, values: { v: name } }, {}, name)
  }
  await cluster.controller()
  const states = () => ['a', 'b'].map(name => cluster.ready(name).split(':')[0]).sort()
  await until(() => states().join() === 'False ArtifactNotOurs,True Succeeded')
  const owner = ownerIn(cluster, 'one')
  t.match(cluster.ready(owner), cluster.artifact('one')?.revision)
  const other = owner === 'a' ? 'b' : 'a'
  cluster.release({ artifactName: 'one' }, { deletionTimestamp: '2026-11-26T09:00:00Z' }, owner)
  await until(() => cluster.ready(other).startsWith('True'))
  t.equal(ownerIn(cluster, 'one'), other)
})

for (const [what, metadata] of [
  ['label', { labels: {} }],
  ['owner reference', { ownerReferences: [] }]
] as const) {
  t.test(`an artifact keeps its owner, and gets a removed ${what} back`, async t => {
    const cluster = await FluxCluster.start(t, files)
    cluster.release({ interval })
    await cluster.controller()
    await until(() => cluster.ready().startsWith('True'))
    const object = () => cluster.api.get('externalartifacts', 'iris', 'ml') ?? {}
    const good = object()
    const changed = { ...(good.metadata as JsonObject), ...metadata }
    cluster.api.put('externalartifacts', { ...good, metadata: changed })
    const [labels, references] = [
      () => (object().metadata as JsonObject).labels,
      () => (object().metadata as JsonObject).ownerReferences
    ]
    const wanted = good.metadata as JsonObject
    await until(
      () =>
        JSON.stringify([labels(), references()]) ===
        JSON.stringify([wanted.labels, wanted.ownerReferences])
    )
    t.match(cluster.ready(), 'True Succeeded')
  })
}
