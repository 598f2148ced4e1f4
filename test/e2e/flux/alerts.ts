import assert from 'node:assert/strict'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'
import { fluxNamespace } from './flux-hosts.ts'
import { plain, settings } from './plain-model.ts'
import { factsOf } from './received-events.ts'

const group = 'source.toolkit.fluxcd.io'

/** The events of a release, compared with those of Flux's controllers. */
export async function proveAlerts(bench: Bench, points: Points): Promise<void> {
  const release = bench.known('plain')
  await points.check('a publication gives an event about its ExternalArtifact', async () => {
    const files = { [`${plain}/first.yaml`]: settings('first', '1.2') }
    const origin = await bench.commit('For an alert', files)
    await release.untilApplied(origin)
    const { revision } = await release.artifact()
    const event = await bench.events.until('ExternalArtifact', 'plain', new RegExp(revision))
    const { metadata } = await release.read('ExternalArtifact')
    assert.deepEqual(event.involvedObject, {
      apiVersion: `${group}/v1`,
      kind: 'ExternalArtifact',
      name: 'plain',
      namespace: fluxNamespace,
      uid: stringMember(metadata, 'uid')
    })
    assert.deepEqual(
      [event.severity, event.reason, event.message],
      ['info', 'Succeeded', `stored artifact for revision ${revision}`]
    )
    assert.deepEqual(factsOf(event), {
      'event.toolkit.fluxcd.io/commit': origin.slice('main@sha1:'.length),
      [`${group}/revision`]: revision,
      [`${group}/originRevision`]: origin
    })
  })
  await points.check('it has the same fields as Flux’s own events', async () => {
    const { revision } = await release.artifact()
    const ours = await bench.events.until('ExternalArtifact', 'plain', new RegExp(revision))
    const theirs = await bench.events.until('Kustomization', 'plain', /Reconciliation finished/)
    for (const event of [ours, theirs]) {
      const { involvedObject } = event
      for (const key of ['apiVersion', 'kind', 'name', 'namespace', 'uid']) {
        assert.equal(typeof member(involvedObject, key), 'string', key)
      }
      assert.ok(!Number.isNaN(Date.parse(stringMember(event, 'timestamp') ?? '')))
    }
    const shared = (event: JsonObject) => Object.keys(event).sort()
    assert.deepEqual(shared(ours), shared(theirs))
    const keys = (event: JsonObject) => Object.keys((event.metadata ?? {}) as JsonObject)
    assert.ok(keys(theirs).includes('kustomize.toolkit.fluxcd.io/originRevision'))
  })
  await points.check('the cluster has the same Event', async () => {
    const { revision } = await release.artifact()
    const fields = 'involvedObject.kind=ExternalArtifact,involvedObject.name=plain'
    const at = `/api/v1/namespaces/${fluxNamespace}/events?fieldSelector=${encodeURIComponent(fields)}`
    const events = await bench.client.list(at)
    const found = events.filter(each => stringMember(each, 'message')?.includes(revision))
    assert.deepEqual(
      found.map(({ type, reason, message }) => [type, reason, message]),
      [['Normal', 'Succeeded', `stored artifact for revision ${revision}`]]
    )
  })
}
