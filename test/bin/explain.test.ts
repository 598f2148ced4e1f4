import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { run } from '../../bin/run.ts'
import { annotations } from '../../evidence/annotations.ts'
import type { Envelope } from '../../evidence/attestation/dsse.ts'
import type { Statement } from '../../evidence/attestation/statement.ts'
import type { Explanation } from '../../bin/explain/explanation.ts'
import { annotationsOf, objects, TestRepository } from '../plugin/repository.ts'

const policies = path.resolve(import.meta.dirname, '../../manifests/policies')

const container = (image: string) =>
  `      containers:\n        - name: x\n          image: registry.example.com/ml/${image}\n`

/** A model beside its code, with a training Job and a Deployment that serves. */
const files = {
  'src/train.py': 'print(1)\n',
  'models/churn/mlgitops.yaml':
    'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nmodel:\n  sources: [., ../../src/**]\n  values: [training]\n',
  'models/churn/values.yaml': 'training: { trees: 3 }\nlogLevel: info\n',
  'models/churn/job.yaml': `apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: train\nspec:\n  template:\n    spec:\n${container('trainer:{{ .Values.modelDigestShort }}')}          args: ["{{ .Values.logLevel }}"]\n`,
  'models/churn/serve.yaml': `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: serve\nspec:\n  template:\n    spec:\n${container('server:1.0')}`
}

/** A bias audit that names what `names` says. */
const auditOf = (names: string) => `---
apiVersion: mlgitops.io/v1alpha1
kind: BiasAudit
model: { name: churn, version: "1.10" }
${names}
date: "2026-11-02"
auditor: { name: Fairness Lab, independent: true }
dataset: { name: holdout, rows: 300, kind: test }
attributes:
  - name: age-band
    groups:
      - { name: young, n: 200, selected: 100, tp: 80, fp: 20, fn: 20, tn: 80 }
      - { name: old, n: 100, selected: 50, tp: 40, fp: 10, fn: 10, tn: 40 }
    metrics:
      demographic_parity_difference: 0
      demographic_parity_ratio: 1
      equalized_odds_difference: 0
      equalized_odds_ratio: 1
---
`

const audited = 'registry.example.com/ml/server:1.0'

function repositoryOf(t: Test, more: Readonly<Record<string, string>> = {}): TestRepository {
  const repository = new TestRepository({ ...files, ...more })
  t.teardown(() => {
    repository.remove()
  })
  return repository
}

async function explain(repository: TestRepository, ...args: string[]): Promise<string> {
  const input = { args: ['explain', 'models/churn', ...args], env: {}, folder: repository.folder }
  const { stdout, stderr, exitCode } = await run(input)
  if (exitCode !== 0 || stderr !== '') throw new Error(stderr)
  return stdout
}

async function explained(repository: TestRepository, ...args: string[]): Promise<Explanation> {
  return JSON.parse(await explain(repository, '--output', 'json', ...args)) as Explanation
}

t.test('names, sources, audit and pins of a model', async t => {
  const chosen = ['commit-pinned-images.yaml', 'require-bias-audit.yaml'].map(file => [
    `policies/${file}`,
    readFileSync(path.join(policies, file), 'utf8')
  ])
  const repository = repositoryOf(t, Object.fromEntries(chosen) as Record<string, string>)
  const first = repository.git('rev-parse', 'HEAD')
  const { modelDigest } = await explained(repository)
  repository.write({
    'models/churn/bias_audit.md': auditOf(
      `modelDigest: ${modelDigest}\nartifacts: [{ uri: "${audited}" }]`
    )
  })
  const head = repository.commit()
  t.equal(
    await explain(repository, '--policies', 'policies'),
    `gitCommit    ${head}
modelCommit  ${first}: the oldest commit of the history in which the sources have this content
modelDigest  ${modelDigest}

sources
  .: 2 files, last change ${first.slice(0, 7)} of 2026-11-02
  ../../src/**: 1 file, last change ${first.slice(0, 7)} of 2026-11-02

values of the model
  training

bias audit: bias_audit.md holds
  churn 1.10 of 2026-11-02 covers artifacts and sources

images and models
  batch/Job train spec.template.spec.containers[0].image: registry.example.com/ml/trainer:${modelDigest.slice(7, 19)}, pinned by modelDigest
  apps/Deployment serve spec.template.spec.containers[0].image: ${audited}, not pinned

warnings
  models/churn/job.yaml: a training workload reads values that are not part of the model: logLevel (models/churn/values.yaml); name them in model.values of mlgitops.yaml

denials
  apps/Deployment serve: commit-pinned-images (images): the image is not pinned; found ${audited}; allowed: the tag ${head} or ${first} or ${modelDigest.slice(7)}, a digest; fix: reference the image by commit or digest
`
  )
})

t.test('what an explanation says is what a signed render attests', async t => {
  const repository = repositoryOf(t, {
    'models/churn/bias_audit.md': auditOf('modelDigest: sha256:' + '0'.repeat(64))
  })
  const built = repository.git('rev-parse', 'HEAD')
  const serve = files['models/churn/serve.yaml'].replace('server:1.0', `server:${built}`)
  repository.write({ 'models/churn/serve.yaml': serve })
  repository.commit()
  const { folder } = repository
  await run({ args: ['keygen', '--out-dir', '.git/keys'], env: {}, folder })
  const args = ['render', 'models/churn', '--key', '.git/keys/signing.key']
  const [job, deployment] = objects((await run({ args, env: {}, folder })).stdout)
  const explanation = await explained(repository)
  t.equal(explanation.notAttested, null)
  for (const object of [job, deployment]) {
    const { payload } = JSON.parse(annotationsOf(object)[annotations.attestation] ?? '') as Envelope
    const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString()) as Statement
    t.equal(predicate.source.modelCommit, explanation.modelCommit)
    t.equal(predicate.source.modelDigest, explanation.modelDigest)
    t.equal(predicate.source.commit, explanation.gitCommit)
  }
  t.match(explanation.runs[1], {
    object: 'apps/Deployment serve',
    image: `registry.example.com/ml/server:${built}`,
    pinnedBy: null
  })
  t.match(explanation.audit, {
    file: 'bias_audit.md',
    covers: [],
    holds: false,
    reason: /^apps\/Deployment serve: the bias audit covers another model|^batch\/Job train: /
  })
})

t.test('an image that CI built from the same sources is pinned by an ancestor', async t => {
  const repository = repositoryOf(t)
  repository.write({ 'README.md': 'x' })
  const built = repository.commit()
  repository.write({
    'models/churn/mlgitops.yaml': files['models/churn/mlgitops.yaml'].replace('., ', ''),
    'models/churn/serve.yaml': files['models/churn/serve.yaml'].replace('1.0', built)
  })
  repository.commit()
  t.match((await explained(repository)).runs[1], { pinnedBy: 'ancestor' })
})

t.test('files that differ, and a history that is too short', async t => {
  const repository = repositoryOf(t)
  repository.write({ 'src/train.py': 'print(2)\n' })
  t.equal(
    (await explained(repository)).notAttested,
    'the work tree differs from its commit in src/train.py'
  )
  repository.commit()
  const shallow = new TestRepository({})
  t.teardown(() => {
    shallow.remove()
  })
  shallow.git('clone', '--quiet', '--depth', '1', `file://${repository.folder}`, 'clone')
  const { stdout } = await run({
    args: ['explain', 'clone/models/churn', '--output', 'json'],
    env: {},
    folder: shallow.folder
  })
  t.match(JSON.parse(stdout), {
    modelCommit: null,
    modelCommitReason: 'a shallow clone: an older commit could have the same content',
    audit: null
  })
})

t.test('with a key, only the trusted keys count', async t => {
  const repository = repositoryOf(t)
  const { folder } = repository
  for (const name of ['ours', 'other'])
    await run({ args: ['keygen', '--out-dir', `.git/${name}`], env: {}, folder })
  const provenance = async (...args: string[]) =>
    (await explained(repository, '--policies', policies, ...args)).denials
      .filter(({ policy }) => policy === 'require-provenance')
      .map(({ object, reason }) => `${object}: ${reason}`)
  t.same(await provenance(), [])
  t.same(await provenance('--keys', '.git/other/signing.pub'), [])
  const key = ['--key', '.git/ours/signing.key']
  t.same(await provenance(...key, '--keys', '.git/ours/signing.pub'), [])
  const refused = await provenance(...key, '--keys', '.git/other/signing.pub')
  t.match(refused, [
    /^batch\/Job train: the attestation is not trusted: no trusted key signed it/,
    /^apps/
  ])
})

t.test('wrong command lines', async t => {
  const { folder } = repositoryOf(t)
  const stderr = async (...args: string[]) =>
    (await run({ args: ['explain', ...args], env: {}, folder })).stderr
  t.match(await stderr('a', 'b'), 'mlgitops explain: explain takes one PATH\n')
  t.match(await stderr('nowhere'), /^mlgitops: /)
  t.match(await stderr('models/churn', '--output', 'xml'), 'mlgitops explain: ')
})
