import assert from 'node:assert/strict'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { annotations } from '../../../evidence/annotations.ts'
import { installForeign } from '../rig/crds.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'

const [churn, sentiment] = ['models/churn-prediction', 'models/sentiment'] as const
const jobs = '/apis/batch/v1/namespaces/ml-production/jobs'
const deployment = '/apis/apps/v1/namespaces/ml-production/deployments/sentiment'

/** Names of models: sources of Flux have no history, so the model digest is the only one. */
export async function proveIdentity(bench: Bench, points: Points): Promise<void> {
  await proveRevert(bench, points)
  await proveBuiltImage(bench, points)
}

async function proveRevert(bench: Bench, points: Points): Promise<void> {
  const production = bench.known('churn-prediction-production')
  const jobOf = async () => `${jobs}/train-churn-model-${await tagOf(bench, churn)}`
  let before = { at: '', job: {} as JsonObject }
  await points.check('another src/train.py with its audit trains another model', async () => {
    const at = await jobOf()
    before = { at, job: await bench.client.read(at) }
    const code = bench.git('show', 'HEAD:src/train.py')
    await bench.audited('Deeper trees', { 'src/train.py': `${code}\nDEPTH = 4\n` })
    await production.untilApplied(`main@sha1:${bench.git('rev-parse', 'HEAD')}`)
    assert.notEqual(await jobOf(), before.at)
    const { metadata } = await bench.client.read(await jobOf())
    const marks = member(metadata, 'annotations')
    assert.equal(stringMember(marks, annotations.modelDigest), await bench.modelDigest(churn))
    assert.equal(stringMember(marks, annotations.modelCommit), undefined)
    assert.equal((await bench.client.get(before.at)).status, 200, 'the old Job is kept')
  })
  await points.check('git revert brings name and audit back, and trains nothing', async () => {
    bench.git('revert', '--no-edit', 'HEAD')
    await production.untilApplied(await bench.fetched())
    assert.equal(await jobOf(), before.at)
    const { metadata, spec } = await bench.client.read(before.at)
    assert.equal(uidOf(metadata), uidOf(before.job.metadata))
    assert.deepEqual(spec, before.job.spec)
    assert.equal(
      stringMember(member(metadata, 'annotations'), annotations.gitCommit),
      bench.git('rev-parse', 'HEAD')
    )
  })
}

async function proveBuiltImage(bench: Bench, points: Points): Promise<void> {
  await installForeign(bench.machine.controlPlane, ['flagger'])
  const built = bench.git('rev-parse', 'HEAD')
  const values = bench.git('show', `HEAD:${sentiment}/values.yaml`)
  const release = bench.known('identity')
  const tagged = (tag: string) =>
    `${values.replace('image: ""', `image: registry.example.com/ml/sentiment:${tag}`)}\n`
  await points.check('a tag that is an earlier commit is denied: nothing attests it', async () => {
    await bench.commit('Deploy what CI built', { [`${sentiment}/values.yaml`]: tagged(built) })
    await bench.release(release.name, {
      path: sentiment,
      namespace: 'ml-production',
      more: {
        environment: 'production',
        signing: { secretRef: { name: 'mlgitops-signing-key' } }
      }
    })
    const message = await release.untilFailed(
      'Kustomization',
      'ReconciliationFailed',
      /the image is not pinned/
    )
    assert.ok(message.includes(built), message)
  })
  await points.check('a tag that is the model digest is admitted', async () => {
    const tag = await tagOf(bench, sentiment)
    const origin = await bench.commit('Deploy it by its digest', {
      [`${sentiment}/values.yaml`]: tagged(tag)
    })
    await release.untilApplied(origin)
    const text = JSON.stringify(await bench.client.read(deployment))
    assert.ok(text.includes(`"image":"registry.example.com/ml/sentiment:${tag}"`), text)
    bench.write({ [`${sentiment}/values.yaml`]: `${values}\n` })
    await release.remove('Kustomization', 'ModelRelease')
  })
}

/** The first 12 digits of a model's digest in the work tree. */
async function tagOf(bench: Bench, model: string): Promise<string> {
  return (await bench.modelDigest(model)).slice('sha256:'.length, 19)
}

function uidOf(metadata: JsonObject[string] | undefined): string {
  return stringMember(metadata, 'uid') ?? ''
}
