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

/** From the moment that Flux has fetched a commit: while it is downloaded, rendered, published. */
const killedAfterMs = [0, 40, 150] as const

/** Our controller dies, loses its disk, is lied about. */
export async function proveFaults(bench: Bench, points: Points): Promise<void> {
  const release = bench.known('plain')
  const { controller } = bench
  for (const [index, afterMs] of killedAfterMs.entries()) {
    await points.check(`killed ${afterMs} ms into a commit, it goes on where it was`, async () => {
      const threshold = `0.8${index}`
      const files = { [`${plain}/first.yaml`]: settings('first', threshold) }
      const origin = await bench.commit('In the middle', files)
      await sleep(afterMs)
      await controller.kill()
      await controller.launch()
      await release.untilApplied(origin)
      assert.equal(member(await dataOf(bench, 'first'), 'threshold'), threshold)
      await controller.untilReady()
      // What was published before the kill is told by the one that came after it.
      await release.untilSeen(origin)
    })
  }
  await points.check(
    'down: what is applied stays, and Flux says that it cannot download',
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
    'up again with an empty disk: the same file, and nothing is applied',
    async () => {
      const { digest, url } = await release.artifact()
      const before = await objectVersion(bench)
      const told = bench.events.of('ExternalArtifact', 'plain').length
      controller.emptyDisk()
      await controller.launch()
      await controller.untilReady()
      await release.untilReady('Kustomization')
      assert.equal(await sha256(await served(url)), digest)
      assert.deepEqual((await release.artifact()).digest, digest)
      assert.deepEqual(await objectVersion(bench), before)
      assert.equal(bench.events.of('ExternalArtifact', 'plain').length, told, 'and nobody is told')
    }
  )
  await points.check('suspended meanwhile, a lost file is made again all the same', async () => {
    const { digest, url } = await release.artifact()
    await release.patch('ModelRelease', { spec: { suspend: true } })
    await controller.stop()
    controller.emptyDisk()
    await controller.launch()
    await controller.untilReady()
    assert.equal(await sha256(await served(url)), digest)
    await release.patch('ModelRelease', { spec: { suspend: false } })
  })
  await points.check('the API server killed and back: the next commit is applied', async () => {
    await bench.machine.controlPlane.restartApiServer('SIGKILL')
    const files = { [`${plain}/first.yaml`]: settings('first', '0.85') }
    await release.untilApplied(await bench.commit('After an outage', files))
    assert.equal(member(await dataOf(bench, 'first'), 'threshold'), '0.85')
  })
  await points.check('of two replicas one works, and hands over when it ends', async () => {
    const other = await controller.replica()
    const { status, text } = await readinessOf(other.probed)
    assert.equal(status, 503)
    assert.match(text, /^\[-\]leader: another replica leads, or none does yet$/m)
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
  await points.check('a file changed on its way is refused by its digest', async () => {
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
  await points.check('a file changed on our disk is not served, and is made again', async () => {
    const { digest, url } = await release.artifact()
    const [file = ''] = readdirSync(path.join(controller.storage, 'artifacts')).filter(name =>
      digest.endsWith(name.replace('.tar.gz', ''))
    )
    writeFileSync(path.join(controller.storage, 'artifacts', file), 'something else')
    assert.equal((await fetch(url)).status, 404)
    assert.equal(await sha256(await served(url)), digest)
  })
  await points.check('an ExternalArtifact that is deleted is there again, as it was', async () => {
    const before = await release.artifact()
    const uid = async () => stringMember((await release.read('ExternalArtifact')).metadata, 'uid')
    const first = await uid()
    await bench.client.remove(release.at('ExternalArtifact'))
    await eventually(async () => ((await uid()) === first ? undefined : true), {
      what: 'there is another ExternalArtifact'
    })
    await release.untilReady('ExternalArtifact')
    assert.deepEqual(await release.artifact(), before)
    await release.untilReady('Kustomization')
  })
}

/** Waits until it is there. */
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
