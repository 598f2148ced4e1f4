import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { run } from '../../bin/run.ts'
import { splitWords } from '../../plugin/signer/split-words.ts'
import type { Report } from '../../webhook/check/report.ts'
import { render, TestRepository } from '../plugin/repository.ts'

const app = 'manifests/staging'
const copy = 'manifests/production'
const policies = path.resolve('manifests/policies')
const keys = t.testdir()
await run({ args: ['keygen', '--out-dir', keys], env: {}, folder: keys })
const key = path.join(keys, 'signing.key')

const labels = '{ team: fraud, app.kubernetes.io/part-of: fraud }'
const resources = '{ requests: { cpu: 1, memory: 1Gi }, limits: { memory: 1Gi } }'
const service = `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: { name: fraud, namespace: ml, labels: ${labels} }
spec:
  predictor:
    model:
      modelFormat: { name: sklearn }
      storageUri: "s3://models-bucket/fraud/{{ .Values.version }}"
      resources: ${resources}
`
const job = `apiVersion: batch/v1
kind: Job
metadata: { name: train, namespace: ml, labels: ${labels} }
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - { name: train, image: "registry.example.com/ml/trainer:\${MODEL_DIGEST_SHORT}", resources: ${resources} }
`
const files = {
  [`${app}/service.yaml`]: service,
  [`${app}/job.yaml`]: job,
  'configs/staging.yaml': 'version: 1.5.0\n'
}

/** Labelled predictions without a difference between two groups. */
const predictions = ['y,p,sex,age-band']
  .concat(
    ...['f,young', 'm,old'].map(group => Array<string>(60).fill(`1,1,${group}\n0,0,${group}`))
  )
  .join('\n')

function prepare(t: Test, initial: Readonly<Record<string, string>> = files): TestRepository {
  const repository = new TestRepository(initial)
  writeFileSync(path.join(repository.folder, '.git/data.csv'), predictions)
  t.teardown(() => {
    repository.remove()
  })
  return repository
}

async function audit({ folder }: TestRepository, ...more: readonly string[]): Promise<void> {
  const columns = ['--label', 'y', '--prediction', 'p', '--sensitive', 'sex', '--auditor', 'Lab']
  const args = ['audit', '.git/data.csv', ...columns, ...more, '--out', `${app}/bias_audit.md`]
  const { stderr, exitCode } = await run({ args, env: {}, folder })
  t.same([stderr, exitCode], [`${app}/bias_audit.md was written\n`, 0])
}

/** What all ready-made policies refuse in a signed render: `Kind field: message`. */
async function denials({ folder }: TestRepository, target: string): Promise<readonly string[]> {
  const signing = ['--key', key, '--require-signature']
  const { stdout, stderr, exitCode } = await render(
    folder,
    target,
    '--environment',
    'staging',
    ...signing
  )
  t.same([stderr, exitCode], ['', 0])
  const manifests = path.join(keys, 'manifests.yaml')
  writeFileSync(manifests, stdout)
  const trusted = ['--keys', path.join(keys, 'signing.pub'), '--output', 'json']
  const args = ['check', manifests, '--policies', policies, ...trusted]
  const report = await run({ args, env: {}, folder })
  const { results, summary } = JSON.parse(report.stdout) as Report
  t.equal(summary.policiesApplied, 7)
  return results.map(({ object, message }) => `${object.kind}: ${message}`)
}

t.test('an environment that serves another model than the audited one is denied', async t => {
  const repository = prepare(t)
  await audit(repository, '--path', app, '--version', '1.5.0')
  repository.commit('Audit')
  t.same(await denials(repository, app), [])
  repository.write({ 'configs/staging.yaml': 'version: 6.6.6\n' })
  repository.commit('Serve another model')
  const { stdout } = await run({ args: ['digest', app], env: {}, folder: repository.folder })
  t.same(await denials(repository, app), [
    `InferenceService: the bias audit does not cover this model; found s3://models-bucket/fraud/6.6.6; allowed: s3://models-bucket/fraud/1.5.0 and ${stdout.trim()} (staging 1.5.0); fix: deploy what was audited, or audit this model: mlgitops audit --path ${app} names it in the audit's artifacts`
  ])
})

t.test('a copied folder is covered by an audit that names the digest, not a commit', async t => {
  const repository = prepare(t)
  const trained = repository.git('rev-parse', 'HEAD')
  const copyFolder = () => {
    const { folder } = repository
    cpSync(path.join(folder, app), path.join(folder, copy), { recursive: true })
    return repository.commit('Production')
  }
  await audit(repository, '--path', app)
  const copied = copyFolder()
  t.same(await denials(repository, copy), [])

  const named = ['--model', 'staging', '--version', '1.5.0', '--commit', trained]
  await audit(repository, ...named, '--artifact', 's3://models-bucket/fraud/1.5.0')
  copyFolder()
  t.same(await denials(repository, app), [])
  const other =
    'the bias audit covers another model; found staging 1.5.0; allowed: production; fix: audit this model, or set model.name in mlgitops.yaml to its name; an audit that names the digest of the model (mlgitops audit --path manifests/production) covers copies with other names'
  t.same(await denials(repository, copy), [
    `Job: ${other}`,
    `Job: the bias audit does not cover the model's commit; found s3://models-bucket/fraud/1.5.0 and ${trained} (staging 1.5.0); allowed: ${copied}; fix: audit the model at this commit; a copy of it in another folder needs an audit that names its digest (mlgitops audit --path manifests/production)`,
    `InferenceService: ${other}`
  ])
})

t.test('the command of the documentation makes the first audit and the second one', async t => {
  const model = 'models/churn-prediction'
  const repository = prepare(t, {
    [`${model}/service.yaml`]: service,
    [`${model}/job.yaml`]: job,
    'configs/staging.yaml': 'version: 1.5.0\n',
    '.gitignore': 'predictions.csv\n',
    'predictions.csv': predictions
  })
  const [, command = ''] =
    /^npx mlgitops (audit [^`]*?)\n```/m.exec(readFileSync('docs/bias-audit.md', 'utf8')) ?? []
  const split = splitWords(command.replaceAll('\\\n', ' '))
  if (split.kind === 'invalid') throw new Error(split.problem)
  const args = split.words
  for (const version of ['1.5.0', '1.6.0']) {
    repository.write({
      'configs/staging.yaml': `version: ${version}\n`,
      [`${model}/job.yaml`]: `${job}# ${version}\n`
    })
    repository.commit('Train')
    if (version !== '1.5.0') t.equal((await denials(repository, model)).length, 2)
    const { stderr, exitCode } = await run({ args, env: {}, folder: repository.folder })
    t.same([stderr, exitCode], [`${model}/bias_audit.md was written\n`, 0])
    repository.commit('Audit')
    t.same(await denials(repository, model), [], version)
  }
})
