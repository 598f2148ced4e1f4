import assert from 'node:assert/strict'
import { digestOf } from '../../../bin/demo/repository.ts'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import type { Points } from '../rig/points.ts'
import type { Application } from './application.ts'
import type { Bench } from './bench.ts'

const [churn, sentiment] = ['models/churn-prediction', 'models/sentiment'] as const
const values = `${churn}/values.yaml`

/** Commits, their revert, and commits that change only one model. */
export async function proveSyncs(bench: Bench, points: Points): Promise<void> {
  const first = bench.git('rev-parse', 'HEAD')
  await points.check(
    'staging and production are synced at the same time, with all objects',
    async () => {
      const apps = await Promise.all([
        bench.application('churn-staging', churn, 'staging'),
        bench.application('churn-production', churn, 'production'),
        bench.application('sentiment-staging', sentiment, 'staging', {
          annotations: { 'argocd.argoproj.io/manifest-generate-paths': '.;/configs' }
        })
      ])
      await Promise.all(apps.map(app => app.untilSynced(first)))
      const tag = await tagOf(bench, churn)
      for (const app of apps.slice(0, 2)) {
        assert.deepEqual(await app.resources(), [
          'InferenceService/churn-prediction',
          `Job/train-churn-model-${tag}`,
          `PipelineRun/churn-pipeline-${tag}`,
          'RegisteredModel/churn-prediction'
        ])
      }
    }
  )
  const staging = bench.known('churn-staging')
  const old = await tagOf(bench, churn)
  const before = await contentOf(bench, old)
  const trained = await bench.client.read(jobAt(bench, old))
  const others = await objectsOfOther(bench)
  let second = ''
  await points.check(
    'a commit to one model gives a new Job and image, and changes no other model',
    async () => {
      const text = bench.read(values)
      second = bench.commit('More trees', { [values]: text.replace('trees: 400', 'trees: 500') })
      await Promise.all([
        staging.untilSynced(second),
        bench.known('sentiment-staging').untilSynced(second)
      ])
      const tag = await tagOf(bench, churn)
      assert.notEqual(tag, old)
      const job = await bench.client.read(jobAt(bench, tag))
      const text500 = JSON.stringify(job.spec)
      assert.ok(text500.includes(`"image":"registry.example.com/ml/trainer:${tag}"`), text500)
      assert.ok(text500.includes('--trees=500'))
      assert.equal((await bench.client.get(jobAt(bench, old))).status, 200, 'the old Job is kept')
      assert.deepEqual(await objectsOfOther(bench), others)
    }
  )
  await points.check(
    'git revert gives the old names and content back, and trains nothing; the old commit the same bytes',
    async () => {
      bench.git('revert', '--no-edit', second)
      const reverted = bench.git('rev-parse', 'HEAD')
      await staging.untilSynced(reverted)
      assert.equal(await tagOf(bench, churn), old)
      const after = await contentOf(bench, old)
      assert.equal(withoutCommits(after), withoutCommits(before))
      assert.equal(uidOf(await bench.client.read(jobAt(bench, old))), uidOf(trained))
      await staging.change({ source: { ...(await sourceOf(staging)), targetRevision: first } })
      await staging.untilSynced(first)
      assert.equal(await contentOf(bench, old), before)
      await staging.change({ source: { ...(await sourceOf(staging)), targetRevision: 'main' } })
      await staging.untilSynced(reverted)
    }
  )
  await proveBuiltByCommit(bench, points)
  await proveParameters(bench, points)
}

/** CI builds an image of commit A, and commits its tag as B. */
async function proveBuiltByCommit(bench: Bench, points: Points): Promise<void> {
  const service = `${sentiment}/service.yaml`
  const at = `/api/v1/namespaces/${bench.namespaceOf('production')}/services/sentiment-internal`
  await points.check('an image that is tagged by an earlier commit is admitted', async () => {
    const built = bench.git('rev-parse', 'HEAD')
    const tag = await tagOf(bench, sentiment)
    const values = bench.read(`${sentiment}/values.yaml`)
    const image = `registry.example.com/ml/sentiment:${built}`
    const deployed = bench.commit('Deploy what CI built', {
      [`${sentiment}/values.yaml`]: values.replace('image: ""', `image: ${image}`),
      [service]: serviceText
    })
    const app = await bench.application('sentiment-production', sentiment, 'production')
    await app.untilSynced(deployed)
    const deployment = `/apis/apps/v1/namespaces/${bench.namespaceOf('production')}/deployments/sentiment`
    const { metadata, spec } = await bench.client.read(deployment)
    assert.ok(JSON.stringify(spec).includes(`"image":"${image}"`), JSON.stringify(spec))
    const digest = stringMember(member(metadata, 'annotations'), 'mlgitops.io/model-digest') ?? ''
    assert.equal(digest.slice('sha256:'.length, 19), tag, 'neither commit makes another model')
    assert.equal((await bench.client.get(at)).status, 200)
  })
  await points.check('an object that leaves Git is pruned', async () => {
    bench.git('revert', '--no-edit', 'HEAD')
    const app = bench.known('sentiment-production')
    await app.untilSynced(bench.git('rev-parse', 'HEAD'))
    assert.equal((await bench.client.get(at)).status, 404)
    await app.remove()
  })
}

const serviceText = `apiVersion: v1
kind: Service
metadata:
  name: sentiment-internal
  namespace: {{ .Values.kubernetesNamespace }}
spec:
  selector:
    app: sentiment
  ports:
    - port: 80
`

async function proveParameters(bench: Bench, points: Points): Promise<void> {
  await points.check('parameters and variables of the Application are values', async () => {
    const app = await bench.application('sentiment-tuned', sentiment, 'staging', {
      plugin: {
        name: 'mlgitops',
        env: [{ name: 'sentiment__version', value: '9.10' }],
        parameters: [
          { name: 'environment', string: 'staging' },
          { name: 'kubernetesNamespace', string: await bench.extraNamespace('tuned') },
          { name: 'replicas.max', string: '7' },
          { name: 'sentiment.languages', array: ['en', 'fr'] }
        ]
      }
    })
    await app.untilSynced(bench.git('rev-parse', 'HEAD'))
    const namespace = await bench.extraNamespace('tuned')
    const at = `/apis/apps/v1/namespaces/${namespace}/deployments/sentiment`
    const text = JSON.stringify((await bench.client.read(at)).spec)
    assert.ok(text.includes('{"name":"MODEL_VERSION","value":"9.10"}'), text)
    assert.ok(text.includes('"--languages","en,fr"'), text)
    const scaler = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/sentiment`
    assert.equal(member((await bench.client.read(scaler)).spec, 'maxReplicas'), 7)
  })
}

/** The current source of an Application. */
async function sourceOf(app: Application): Promise<JsonObject> {
  return member((await app.object()).spec, 'source') as JsonObject
}

/** The first 12 digits of a model's digest at HEAD, which name its Job, images and URIs. */
async function tagOf(bench: Bench, model: string): Promise<string> {
  return (await digestOf(bench.repository.git.folder, model)).slice('sha256:'.length, 19)
}

function uidOf({ metadata }: JsonObject): string {
  return stringMember(metadata, 'uid') ?? ''
}

function jobAt(bench: Bench, tag: string): string {
  const namespace = bench.namespaceOf('staging')
  return `/apis/batch/v1/namespaces/${namespace}/jobs/train-churn-model-${tag}`
}

/** The applied manifests of the churn model in staging. */
async function contentOf(bench: Bench, tag: string): Promise<string> {
  const namespace = bench.namespaceOf('staging')
  const service = `/apis/serving.kserve.io/v1beta1/namespaces/${namespace}/inferenceservices/churn-prediction`
  const entry = `/apis/mlgitops.io/v1alpha1/namespaces/${namespace}/registeredmodels/churn-prediction`
  const kept = []
  for (const at of [jobAt(bench, tag), service, entry]) {
    const object = await bench.client.read(at)
    const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
    kept.push(stringMember(member(object.metadata, 'annotations'), annotation) ?? at)
  }
  return kept.join('\n')
}

function withoutCommits(text: string): string {
  // The signature depends on the commit.
  return text
    .replace(/"mlgitops\.io\/attestation":"(?:[^"\\]|\\.)*"/g, '"mlgitops.io/attestation":""')
    .replace(/\b[0-9a-f]{40}\b/g, 'COMMIT')
}

/** The objects of the other model, without the fields that controllers write. */
async function objectsOfOther(bench: Bench): Promise<readonly string[]> {
  const namespace = bench.namespaceOf('staging')
  const paths = [
    `/apis/flagger.app/v1beta1/namespaces/${namespace}/canaries/sentiment`,
    `/apis/apps/v1/namespaces/${namespace}/deployments/sentiment`,
    `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/sentiment`
  ]
  const objects = await Promise.all(paths.map(at => bench.client.read(at)))
  const ignored = new Set(['status', 'managedFields', 'resourceVersion'])
  return objects.map(object =>
    JSON.stringify(object, (key, value: unknown) => (ignored.has(key) ? undefined : value))
  )
}
