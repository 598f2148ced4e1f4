import assert from 'node:assert/strict'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { eventually, stays } from '../rig/eventually.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'
import { fluxNamespace } from './flux-hosts.ts'
import { stateOf } from './commits.ts'
import { dataOf, plain, settings } from './plain-model.ts'
import { conditionOf } from './release.ts'
import type { Release } from './release.ts'

const first = `${plain}/first.yaml`
/** The label that Flux's own controllers also watch. */
const watched = { 'reconcile.fluxcd.io/watch': 'Enabled' }

/** Operations on a running release. */
export async function proveOperations(bench: Bench, points: Points): Promise<void> {
  const release = bench.known('plain')
  await points.check('a commit is ignored while suspended, and applied when resumed', async () => {
    await release.untilReady('Kustomization')
    await release.patch('ModelRelease', { spec: { suspend: true } })
    let origin
    try {
      origin = await proveSuspended(bench, release)
    } finally {
      await release.patch('ModelRelease', { spec: { suspend: false } })
    }
    await release.untilApplied(origin)
    assert.equal(member(await dataOf(bench, 'first'), 'threshold'), '1.1')
  })
  await points.check('a request reads changed values of a ConfigMap', async () => {
    await putValues(bench, 'level: debug\n')
    const valuesFrom = [{ kind: 'ConfigMap', name: 'plain-values', valuesKey: 'values.yaml' }]
    await release.patch('ModelRelease', { spec: { valuesFrom } })
    await untilLevel(bench, release, 'debug')
    await putValues(bench, 'level: trace\n')
    const requestedAt = await release.request('ModelRelease')
    await untilLevel(bench, release, 'trace')
    const { status } = await release.untilReady('ModelRelease')
    assert.equal(stringMember(status, 'lastHandledReconcileAt'), requestedAt)
  })
  await proveWatched(bench, points, release)
  await points.check(
    'a missing ConfigMap keeps the last good artifact, and the status names it',
    async () => {
      const before = await dataOf(bench, 'first')
      const valuesFrom = [{ kind: 'ConfigMap', name: 'nowhere', valuesKey: 'values.yaml' }]
      await release.patch('ModelRelease', { spec: { valuesFrom } })
      const message = await release.untilFailed('ModelRelease', 'ValuesNotReady')
      assert.match(message, /ConfigMap nowhere|nowhere/)
      assert.deepEqual(await dataOf(bench, 'first'), before)
      await release.patch('ModelRelease', { spec: { valuesFrom: null } })
      await untilLevel(bench, release, 'info')
    }
  )
}

/** The component flux-watch-configs; the release reads its values from a ConfigMap. */
async function proveWatched(bench: Bench, points: Points, release: Release): Promise<void> {
  const { controller } = bench
  await points.check('a change of a watched ConfigMap needs no request', async () => {
    await controller.configure(['flux-watch-configs'])
    try {
      await controller.untilReady()
      await release.untilHandled(await release.request('ModelRelease'))
      await putValues(bench, 'level: warn\n')
      await stays(async () => {
        assert.equal(member(await dataOf(bench, 'first'), 'level'), 'trace', 'no label yet')
      })
      await putValues(bench, 'level: warn\n', watched)
      await untilLevel(bench, release, 'warn')
      await putValues(bench, 'level: error\n', watched)
      await untilLevel(bench, release, 'error')
    } finally {
      await controller.configure([])
      await controller.untilReady()
    }
  })
}

/** Commits while the release is suspended. @returns the revision */
async function proveSuspended(bench: Bench, release: Release): Promise<string> {
  const before = await stateOf(bench, release)
  const origin = await bench.commit('While it is suspended', { [first]: settings('first', '1.1') })
  await stays(async () => {
    assert.deepEqual(await stateOf(bench, release), before)
  })
  const { status } = await release.read('ModelRelease')
  assert.notEqual(stringMember(status, 'lastAttemptedRevision'), origin)
  assert.equal((await fetch((await release.artifact()).url)).status, 200)
  return origin
}

/** Removes the ModelRelease, then the Kustomization. */
export async function proveRemoval(bench: Bench, points: Points): Promise<void> {
  const release = bench.known('plain')
  await points.check('deleting a release deletes its artifact; applied objects stay', async () => {
    const before = await dataOf(bench, 'first')
    await release.remove('ModelRelease')
    assert.equal((await bench.client.get(release.at('ExternalArtifact'))).status, 404)
    // kustomize-controller may still have the deleted artifact in its cache.
    await eventually(
      async () => {
        await release.request('Kustomization')
        const ready = conditionOf(await release.read('Kustomization'), 'Ready')
        return stringMember(ready, 'reason') === 'ArtifactFailed' ? ready : undefined
      },
      { what: 'the Kustomization has no artifact', everyMs: 1_000 }
    )
    await release.untilFailed('Kustomization', 'ArtifactFailed', /not found/)
    assert.deepEqual(await dataOf(bench, 'first'), before)
  })
  await points.check('deleting the Kustomization prunes the applied objects', async () => {
    await release.remove('Kustomization')
    assert.equal(await dataOf(bench, 'first'), undefined)
  })
}

async function putValues(bench: Bench, text: string, labels: JsonObject = {}): Promise<void> {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'plain-values', namespace: fluxNamespace, labels },
    data: { 'values.yaml': text }
  }
  const at = `/api/v1/namespaces/${fluxNamespace}/configmaps/plain-values`
  expectSuccess(await bench.client.apply(at, object), 'values')
}

async function untilLevel(bench: Bench, release: Release, level: string): Promise<void> {
  await eventually(
    async () => member(await dataOf(bench, 'first'), 'level') === level || undefined,
    { what: `the applied level is ${level}` }
  )
  await release.untilReady('Kustomization')
}
