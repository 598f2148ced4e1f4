import t from 'tap'
import { auditPath, denials, judgedRepository } from './judged.ts'

const app = 'deployment'
const rules = '[{ images: { pinnedBy: [commit] } }, { biasAudit: {} }, { provenance: {} }]'
const project = `apiVersion: mlgitops.io/v1alpha1
kind: Project
model: { name: churn, sources: [../src/**] }
`
const server = (tag: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: churn, namespace: ml }
spec: { template: { spec: { containers: [{ name: server, image: "host/churn:${tag}" }] } } }
`
const job = `apiVersion: batch/v1
kind: Job
metadata: { name: train, namespace: ml }
spec: { template: { spec: { containers: [{ name: train, image: "host/churn:\${MODEL_COMMIT}" }] } } }
`

t.test(
  'CI builds an image from a commit, and commits its tag: it is pinned and audited',
  async t => {
    const repository = judgedRepository(t, rules, {
      [`${app}/mlgitops.yaml`]: project,
      [`${app}/server.yaml`]: server('none'),
      [`${app}/job.yaml`]: job,
      'src/train.py': 'print(1)\n'
    })
    await auditPath(repository, app)
    const built = repository.commit('Audit')
    repository.write({ [`${app}/server.yaml`]: server(built) })
    const deployed = repository.commit('Deploy what CI built')
    t.not(built, deployed)
    t.same(await denials(repository, app), [])
    repository.write({ [`${app}/server.yaml`]: server(built.slice(0, 12)) })
    repository.commit('Deploy it by its short name')
    t.same(await denials(repository, app), [])

    repository.write({ 'src/train.py': 'print(2)\n' })
    const changed = repository.commit('Another model')
    const differs = "its tag is an ancestor, but the model's sources there differ"
    t.same(await denials(repository, app), [
      "Job: the bias audit does not cover the model's files",
      `Deployment: the image is not pinned: ${differs}`,
      'Deployment: the bias audit does not cover this image'
    ])
    repository.write({ [`${app}/server.yaml`]: server(changed) })
    await auditPath(repository, app)
    repository.commit('Deploy the other model with its audit')
    t.same(await denials(repository, app), [])

    repository.git('revert', '--no-edit', 'HEAD', changed)
    t.same(await denials(repository, app), [], 'the old image and its audit again')
  }
)

t.test('A tag of another repository is not pinned', async t => {
  const repository = judgedRepository(t, rules, {
    [`${app}/mlgitops.yaml`]: project,
    [`${app}/server.yaml`]: server('4f1d2a9c0b7e6d5f3a8b1c2d4e5f60718293a4b5'),
    'src/train.py': 'print(1)\n'
  })
  await auditPath(repository, app, '--artifact', 's3://m/1')
  repository.commit('Audit')
  t.same(await denials(repository, app), [
    'Deployment: the image is not pinned: its tag is not a commit in the history of this one',
    'Deployment: the bias audit does not cover this image'
  ])
})
