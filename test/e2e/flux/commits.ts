import assert from 'node:assert/strict'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import type { Points } from '../rig/points.ts'
import { makeNamespace } from '../rig/namespace.ts'
import { stays } from '../rig/eventually.ts'
import type { Bench } from './bench.ts'
import { dataOf, firstFiles, plain, plainNamespace, settings } from './plain-model.ts'
import { conditionOf } from './release.ts'
import type { Release } from './release.ts'
import { factsOf } from './received-events.ts'

/** Commits that change something, change nothing, revert, and break. */
export async function proveCommits(bench: Bench, points: Points): Promise<void> {
  await makeNamespace(bench.machine, plainNamespace)
  const release = bench.known('plain')
  let first = ''
  await points.check('a commit is rendered, published and applied', async () => {
    const origin = await bench.commit('A model', firstFiles)
    await bench.release('plain', {
      path: plain,
      namespace: plainNamespace,
      // Rendered objects are final: the variables of a Kustomization are not substituted.
      kustomization: { postBuild: { substitute: { window: 'SUBSTITUTED' } } }
    })
    const kustomization = await release.untilApplied(origin)
    const { revision } = await release.artifact()
    first = revision
    assert.match(revision, /^plain@sha256:[0-9a-f]{64}$/)
    assert.equal(stringMember(kustomization.status, 'lastAppliedRevision'), revision)
    const ready = conditionOf(kustomization, 'Ready')
    assert.deepEqual(
      [ready?.reason, ready?.message],
      ['ReconciliationSucceeded', `Applied revision: ${revision}`]
    )
    const query = 'rate(errors[${window}])'
    assert.deepEqual(await dataOf(bench, 'first'), { threshold: '0.5', level: 'info', query })
    await proveStatus(release, origin, revision)
  })
  await points.check('a second commit is applied, and changes nothing else', async () => {
    const before = await versions(bench)
    const files = { [`${plain}/first.yaml`]: settings('first', '0.6') }
    await release.untilApplied(await bench.commit('A threshold', files))
    assert.notEqual((await release.artifact()).revision, first)
    assert.equal(member(await dataOf(bench, 'first'), 'threshold'), '0.6')
    assert.notEqual((await versions(bench))[0], before[0])
  })
  await points.check('a commit that leaves the output unchanged causes no apply', async () => {
    const before = await stateOf(bench, release)
    const origin = await bench.commit('A note', { 'NOTES.md': 'Nothing to render.\n' })
    await release.untilSeen(origin)
    await stays(async () => {
      assert.deepEqual(await stateOf(bench, release), before)
    }, 3_000)
  })
  await points.check('git revert gives the old revision back, which is applied', async () => {
    bench.git('revert', '--no-edit', 'HEAD~1')
    const kustomization = await release.untilApplied(await bench.fetched())
    assert.equal((await release.artifact()).revision, first)
    assert.equal(stringMember(kustomization.status, 'lastAppliedRevision'), first)
    assert.equal(member(await dataOf(bench, 'first'), 'threshold'), '0.5')
  })
  await proveBroken(bench, points, release)
  await provePrune(bench, points, release)
}

async function proveBroken(bench: Bench, points: Points, release: Release): Promise<void> {
  await points.check(
    'a broken commit keeps the last good artifact; the status says why',
    async () => {
      const before = await stateOf(bench, release)
      const broken = `${settings('second', '0.7')}  broken: {{ .Values.nowhere }}\n`
      const origin = await bench.commit('Broken', { [`${plain}/second.yaml`]: broken })
      const message = await release.untilFailed('ModelRelease', 'RenderFailed')
      assert.match(
        message,
        /^second\.yaml:8:14: no value for \.Values\.nowhere, and no environment was given \[TEMPLATE_VALUE_MISSING\]\n/
      )
      const object = await release.untilSeen(origin)
      const reconciling = conditionOf(object, 'Reconciling')
      assert.deepEqual([reconciling?.status, reconciling?.reason], ['True', 'ProgressingWithRetry'])
      assert.deepEqual(await stateOf(bench, release), before)
      const file = await fetch((await release.artifact()).url)
      assert.equal(file.status, 200)
      const event = await bench.events.until('ExternalArtifact', 'plain', /^second\.yaml:8:14: /)
      assert.deepEqual([event.severity, event.reason], ['error', 'RenderFailed'])
      assert.deepEqual(factsOf(event), {
        'event.toolkit.fluxcd.io/commit': origin.slice('main@sha1:'.length),
        'source.toolkit.fluxcd.io/originRevision': origin
      })
    }
  )
  await points.check('after the fix the release is ready, and nothing is applied', async () => {
    const before = await stateOf(bench, release)
    bench.git('revert', '--no-edit', 'HEAD')
    await release.untilSeen(await bench.fetched())
    await release.untilReady('ModelRelease')
    assert.deepEqual(await stateOf(bench, release), before)
  })
}

async function provePrune(bench: Bench, points: Points, release: Release): Promise<void> {
  await points.check('the object of a deleted file is pruned, the others stay', async () => {
    const origin = await bench.commit('Less', { [`${plain}/second.yaml`]: undefined })
    await release.untilApplied(origin)
    assert.equal(await bench.configMap(plainNamespace, 'second'), undefined)
    assert.notEqual(await bench.configMap(plainNamespace, 'first'), undefined)
    const event = await bench.events.until('Kustomization', 'plain', /deleted/)
    assert.match(
      stringMember(event, 'message') ?? '',
      new RegExp(`ConfigMap/${plainNamespace}/second deleted`)
    )
  })
  await points.check('if all files are deleted, nothing is published or pruned', async () => {
    const before = await stateOf(bench, release)
    await bench.commit('Nothing', { [`${plain}/first.yaml`]: undefined })
    const message = await release.untilFailed('ModelRelease', 'RenderFailed')
    assert.match(message, /EMPTY/)
    assert.deepEqual(await stateOf(bench, release), before)
    bench.git('revert', '--no-edit', 'HEAD')
    await release.untilSeen(await bench.fetched())
    await release.untilReady('ModelRelease')
  })
}

/** The status has the form of Flux's own sources. */
async function proveStatus(release: Release, origin: string, revision: string): Promise<void> {
  const object = await release.untilSeen(origin)
  const { digest } = await release.artifact()
  assert.deepEqual(member(object.status, 'inventory'), [
    { name: 'plain', namespace: 'flux-system', revision, digest, originRevision: origin }
  ])
  const ready = conditionOf(object, 'Ready')
  assert.deepEqual(
    [ready?.status, ready?.reason, ready?.message],
    ['True', 'Succeeded', `stored artifact for revision ${revision}`]
  )
  for (const type of ['Reconciling', 'Stalled']) assert.equal(conditionOf(object, type), undefined)
  const { generation } = object.metadata as JsonObject
  assert.equal(member(object.status, 'observedGeneration'), generation)
  const artifact = conditionOf(await release.read('ExternalArtifact'), 'Ready')
  assert.deepEqual([artifact?.status, artifact?.reason], ['True', 'Succeeded'])
}

/** Resource versions of the model's objects. */
async function versions(bench: Bench): Promise<readonly string[]> {
  const all = await Promise.all(
    ['first', 'second'].map(name => bench.configMap(plainNamespace, name))
  )
  return all.map(object => stringMember(object?.metadata, 'resourceVersion') ?? 'none')
}

/** Everything that changes if kustomize-controller applies, or our controller publishes something. */
export async function stateOf(bench: Bench, release: Release): Promise<JsonObject> {
  return {
    kustomization: await release.version('Kustomization'),
    artifact: await release.version('ExternalArtifact'),
    objects: await versions(bench),
    downloads: bench.controller.downloads.seen.length
  }
}
