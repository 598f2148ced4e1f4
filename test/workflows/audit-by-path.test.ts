import { cpSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { parseBiasAudit } from '../../evidence/bias-audit/parse.ts'
import type { TestRepository } from '../plugin/repository.ts'
import { auditPath, denials, judgedRepository } from './judged.ts'

const app = 'manifests/staging'
const service = (uri: string) => `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: { name: fraud, namespace: ml }
spec: { predictor: { model: { modelFormat: { name: sklearn }, storageUri: ${uri} } } }
`
const job = `apiVersion: batch/v1
kind: Job
metadata: { name: train, namespace: ml }
spec: { template: { spec: { containers: [{ name: train, image: host/trainer:1 }] } } }
`
const rules = '[{ biasAudit: {} }]'

/** Audits a path, and reads the audit. */
async function audit(repository: TestRepository, target: string, ...more: readonly string[]) {
  const out = `${target}/bias_audit.md`
  const { stdout, stderr, exitCode } = await auditPath(repository, target, ...more)
  t.same([stdout, stderr, exitCode], ['', `${out} was written\n`, 0])
  return parseBiasAudit(readFileSync(path.join(repository.folder, out), 'utf8'), out)
}

t.test(
  'An audit of a path names the digest, the name and what is served; a second one too',
  async t => {
    const repository = judgedRepository(t, rules, {
      [`${app}/service.yaml`]: service('s3://models/fraud/{{ .Values.version }}'),
      [`${app}/job.yaml`]: job,
      [`${app}/configs/staging.yaml`]: 'version: 1.5.0\n',
      [`${app}/configs/production.yaml`]: 'version: 1.4.0\n'
    })
    const digest = async () =>
      (await run({ args: ['digest', app], env: {}, folder: repository.folder })).stdout.trim()
    const first = await audit(repository, app)
    const modelDigest = await digest()
    t.same(first.model, { name: 'staging', version: modelDigest.slice(7, 19) })
    t.equal(first.modelDigest, modelDigest)
    t.equal(first.modelCommit, undefined)
    t.same(first.artifacts, [
      { uri: 's3://models/fraud/1.4.0' },
      { uri: 's3://models/fraud/1.5.0' }
    ])
    repository.commit('Audit')
    t.same(await denials(repository, app, '--environment', 'staging'), [])
    t.same(await audit(repository, app), first, 'the audit is not part of the model')
    repository.write({ [`${app}/bias_audit.md`]: 'not an audit' })
    t.same(await audit(repository, app), first, 'the former audit is not read')

    repository.write({ [`${app}/job.yaml`]: job.replace('trainer:1', 'trainer:2') })
    repository.commit('Another trainer')
    t.same(await denials(repository, app, '--environment', 'staging'), [
      "Job: the bias audit does not cover the model's files"
    ])
    const named = ['--version', '1.6', '--model', 'fraud', '--artifact', 's3://models/fraud/1.5.0']
    const second = await audit(repository, app, ...named)
    t.same(second.model, { name: 'fraud', version: '1.6' })
    t.equal(second.modelDigest, await digest())
    t.same(second.artifacts, [{ uri: 's3://models/fraud/1.5.0' }])
    repository.commit('Second audit')
    t.same(await denials(repository, app, '--environment', 'staging'), [])
    t.same(await denials(repository, app, '--environment', 'production'), [
      'InferenceService: the bias audit does not cover this model'
    ])
  }
)

t.test('A model that is served from elsewhere than the audited place is denied', async t => {
  const repository = judgedRepository(t, rules, {
    [`${app}/service.yaml`]: service('s3://models/fraud/{{ .Values.version }}'),
    [`${app}/mlgitops.yaml`]: `apiVersion: mlgitops.io/v1alpha1
kind: Project
model: { name: fraud, sources: ["."] }
`,
    'configs/staging.yaml': 'version: 1.5.0\n'
  })
  const { model, artifacts } = await audit(repository, app)
  t.equal(model.name, 'fraud')
  t.same(artifacts, [{ uri: 's3://models/fraud/1.5.0' }])
  repository.commit('Audit')
  t.same(await denials(repository, app, '--environment', 'staging'), [])
  repository.write({ 'configs/staging.yaml': 'version: 6.6.6\n' })
  repository.commit('Another version')
  t.same(await denials(repository, app, '--environment', 'staging'), [
    'InferenceService: the bias audit does not cover this model'
  ])
})

t.test('A copied folder is the same model by its digest', async t => {
  const repository = judgedRepository(t, rules, {
    [`${app}/service.yaml`]: service('s3://models/fraud/1.5.0'),
    [`${app}/job.yaml`]: job
  })
  await audit(repository, app)
  repository.commit('Audit')
  const copy = 'manifests/production'
  const { folder } = repository
  cpSync(path.join(folder, app), path.join(folder, copy), { recursive: true })
  repository.commit('Production')
  t.same(await denials(repository, copy), [])
})

t.test('What the digest names already is not listed as an artifact', async t => {
  const repository = judgedRepository(t, rules, {
    [`${app}/service.yaml`]: service('s3://models/fraud/{{ .Values.modelCommit }}/model.pkl'),
    [`${app}/server.yaml`]: `apiVersion: apps/v1
kind: Deployment
metadata: { name: server, namespace: ml }
spec: { template: { spec: { containers: [{ image: "host/fraud:\${GIT_COMMIT}" }, { image: envoy:v1 }] } } }
`
  })
  const { artifacts } = await audit(repository, app)
  t.same(artifacts, [{ uri: 'envoy:v1' }])
  repository.commit('Audit')
  t.same(await denials(repository, app), [])
})

t.test('Options that contradict each other are refused', async t => {
  const repository = judgedRepository(t, rules, { [`${app}/job.yaml`]: job })
  const { folder } = repository
  const refused = async (...more: readonly string[]) => {
    const labelled = ['--label', 'y', '--prediction', 'p', '--sensitive', 'g']
    const args = ['audit', '.git/data.csv', ...labelled, ...more]
    const { stderr, exitCode } = await run({ args, env: {}, folder })
    return [exitCode, stderr.split('\n')[0]]
  }
  t.same(await refused('--path', app, '--model-digest', `sha256:${'0'.repeat(64)}`), [
    2,
    'mlgitops audit: --path computes the digest: omit --model-digest'
  ])
  t.same(await refused('--artifact', 's3://a b'), [
    2,
    'mlgitops audit: --artifact takes a URI or an image, without white space'
  ])
  t.same(await refused('--path', 'elsewhere'), [
    1,
    'mlgitops: elsewhere: the folder does not exist [PATH_NOT_FOUND]'
  ])
})
