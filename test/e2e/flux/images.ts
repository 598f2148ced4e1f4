import assert from 'node:assert/strict'
import { member, stringMember } from '../../../common/json.ts'
import { installForeign } from '../rig/crds.ts'
import type { Points } from '../rig/points.ts'
import { stays } from '../rig/eventually.ts'
import type { Bench } from './bench.ts'
import type { Release } from './release.ts'

const deployment = '/apis/apps/v1/namespaces/ml-staging/deployments/sentiment'

/** The example of Image Automation: the image that it writes into Git is served. */
export async function proveImages(bench: Bench, points: Points): Promise<void> {
  await installForeign(bench.machine.controlPlane, [
    ...(['ImageRepository', 'ImagePolicy', 'ImageUpdateAutomation', 'flagger'] as const)
  ])
  const release = bench.known('sentiment-staging')
  await points.check(
    'the example of Image Automation is applied unchanged, and served',
    async () => {
      const objects = await bench.example('images.yaml')
      const origin = await bench.fetched()
      await release.untilApplied(origin)
      const found = objects.find(({ kind }) => kind === 'ModelRelease')
      const values = member(member(found?.spec, 'values'), 'sentiment')
      const [image, build] = [stringMember(values, 'image'), stringMember(values, 'build')]
      const text = JSON.stringify(await bench.client.read(deployment))
      assert.ok(text.includes(`"image":"${image ?? '-'}"`), text)
      assert.ok(text.includes(`"s3://models-bucket/sentiment/${build ?? '-'}"`), text)
    }
  )
  await points.check(
    'a commit elsewhere changes nothing, because no commit is in what runs',
    async () => {
      const before = await versionsOf(release)
      await release.untilSeen(await bench.commit('Elsewhere', { 'NOTES.md': 'Once more.\n' }))
      await stays(async () => {
        assert.deepEqual(await versionsOf(release), before)
      })
      await release.remove('Kustomization', 'ModelRelease')
    }
  )
}

/** Resource versions, which change with every write of the object or its status. */
function versionsOf(release: Release): Promise<readonly string[]> {
  return Promise.all([release.version('ExternalArtifact'), release.version('Kustomization')])
}
