import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { member, stringMember } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import type { Points } from '../rig/points.ts'
import { readinessOf } from '../rig/readiness.ts'
import type { Bench } from './bench.ts'
import { dataOf, plain, settings } from './plain-model.ts'
import type { Release } from './release.ts'

/** After Flux has fetched a commit: during the download, the render and the publication. */
const killedAfterMs = [0, 40, 150] as const

/** Our controller is killed, loses its disk, and its files are tampered with. */
export async function proveFaults(bench: Bench, points: Points): Promise<void> {
  const release = bench.known('plain')
  const { controller } = bench
  for (const [index, afterMs] of killedAfterMs.entries()) {
    await points.check(`killed ${afterMs} ms after a commit, a restart completes it`, async () => {
      const threshold = `0.8${index}`
      const files = { [`${plain}/first.yaml`]: settings('first', threshold) }
      const origin = await bench.commit('In the middle', files)
      await sleep(afterMs)
      await controller.kill()
      await controller.launch()
      await release.untilApplied(origin)
      assert.equal(member(await dataOf(bench, 'first'), 'threshold'), threshold)
      await controller.untilReady()
      // A publication from before the kill is reported after the restart.
      await release.untilSeen(origin)
    })
  }
  await points.check(
    'while the controller is down, applied objects stay, and the Kustomization says why',
    async () => {
      const before = await dataOf(bench, 'first')
      await controller.stop()
      await release.request('Kustomization')
      const message = await release.untilFailed('Kustomization', 'ArtifactFailed')
      assert.match(message, /failed to download archive/)
      assert.deepEqual(await dataOf(bench, 'first'), before)
    }
  )
  await points.check(
    'after a restart with an empty disk the file is the same, and nothing is applied',
    async () => {
      const { digest, url } = await release.artifact()
      const before = await objectVersion(bench)
      const events = bench.events.of('ExternalArtifact', 'plain').length
      controller.emptyDisk()
      await controller.launch()
      await controller.untilReady()
      await release.untilReady('Kustomization')
      assert.equal(await sha256(await served(url)), digest)
      assert.deepEqual((await release.artifact()).digest, digest)
      assert.deepEqual(await objectVersion(bench), before)
      assert.equal(bench.events.of('ExternalArtifact', 'plain').length, events, 'no new event')
    }
  )
  await points.check('a lost file of a suspended release is built again', async () => {
    const { digest, url } = await release.artifact()
    await release.patch('ModelRelease', { spec: { suspend: true } })
    await controller.stop()
    controller.emptyDisk()
    await controller.launch()
    await controller.untilReady()
    assert.equal(await sha256(await served(url)), digest)
    await release.patch('ModelRelease', { spec: { suspend: false } })
  })
  await points.check('after a kill and restart of the API server a commit is applied', async () => {
    await bench.machine.controlPlane.restartApiServer('SIGKILL')
    const files = { [`${plain}/first.yaml`]: settings('first', '0.85') }
    await release.untilApplied(await bench.commit('After an outage', files))
    assert.equal(member(await dataOf(bench, 'first'), 'threshold'), '0.85')
  })
  await points.check('one of two replicas leads, and the other takes over', async () => {
    const other = await controller.replica()
    const { status, text } = await readinessOf(other.probedUrl)
    assert.equal(status, 503)
    assert.match(text, /^\[-\]leader: another replica is the leader, or none is yet$/m)
    await controller.stop()
    await other.untilReady()
    await other.stop()
    await controller.launch()
    await controller.untilReady()
  })
  await proveTampering(bench, points, release)
}

async function proveTampering(bench: Bench, points: Points, release: Release): Promise<void> {
  const { controller } = bench
  await points.check('a file that is changed in transit is refused by its digest', async () => {
    const before = await dataOf(bench, 'first')
    controller.downloads.tamper(true)
    const files = { [`${plain}/first.yaml`]: settings('first', '0.9') }
    const origin = await bench.commit('Tampered with', files)
    const message = await release.untilFailed('Kustomization', 'ArtifactFailed')
    assert.match(
      message,
      /failed to verify archive: computed digest doesn't match provided 'sha256:/
    )
    assert.deepEqual(await dataOf(bench, 'first'), before)
    controller.downloads.tamper(false)
    await release.untilApplied(origin)
    assert.equal(member(await dataOf(bench, 'first'), 'threshold'), '0.9')
  })
  await points.check(
    'a file that is changed on the disk is not served, and built again',
    async () => {
      const { digest, url } = await release.artifact()
      const [file = ''] = readdirSync(path.join(controller.storage, 'artifacts')).filter(name =>
        digest.endsWith(name.replace('.tar.gz', ''))
      )
      writeFileSync(path.join(controller.storage, 'artifacts', file), 'something else')
      assert.equal((await fetch(url)).status, 404)
      assert.equal(await sha256(await served(url)), digest)
    }
  )
  await points.check('a deleted ExternalArtifact is created again, unchanged', async () => {
    const before = await release.artifact()
    const uid = async () => stringMember((await release.read('ExternalArtifact')).metadata, 'uid')
    const first = await uid()
    await bench.client.remove(release.at('ExternalArtifact'))
    await eventually(async () => ((await uid()) === first ? undefined : true), {
      what: 'the ExternalArtifact is created again'
    })
    await release.untilReady('ExternalArtifact')
    assert.deepEqual(await release.artifact(), before)
    await release.untilReady('Kustomization')
  })
}

/** Waits until an artifact is served. */
function served(url: string): Promise<Response> {
  return eventually(
    async () => {
      const answer = await fetch(url)
      return answer.status === 200 ? answer : undefined
    },
    { what: 'the artifact is served again' }
  )
}

async function sha256(answer: Response): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer())
  return `sha256:${Buffer.from(hash).toString('hex')}`
}

async function objectVersion(bench: Bench): Promise<string | undefined> {
  return stringMember(
    (await bench.configMap('e2e-flux-plain', 'first'))?.metadata,
    'resourceVersion'
  )
}
