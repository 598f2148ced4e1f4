import type { Test } from 'tap'
import { annotationsOf, objects, render, TestRepository } from '../plugin/repository.ts'

/** The application path. */
export const app = 'deploy'

/** A training Job with an image. */
export const job = (image: string, extra = '') => `apiVersion: batch/v1
kind: Job
metadata: { name: train, namespace: ml }
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: train
          image: ${image}
          args: [--rate, "{{ .Values.training.rate }}", --log, "{{ .Values.log }}"${extra}]
`
/** The project file, and more lines. */
export const project = (more = '') => `apiVersion: mlgitops.io/v1alpha1
kind: Project
model:
  name: churn
  sources: [".", ../src/**, ../data/train.csv.dvc, ../configs/training.yaml]
  values: [training]
${more}`

/** The usual repository of a model: manifests beside code, data and configuration. */
export const monorepo = {
  'README.md': '# Churn\n',
  'configs/base.yaml': 'training: { rate: 0.1 }\nlog: info\n',
  'configs/staging.yaml': 'log: debug\n',
  'configs/training.yaml': 'epochs: 3\n',
  'data/train.csv.dvc': 'outs: [{ md5: "1" }]\n',
  'deploy/mlgitops.yaml': project(),
  'deploy/job.yaml': job('host/trainer@sha256:'.padEnd(84, '0')),
  'src/train.py': 'print(1)\n',
  'policies/pinned.yaml': `apiVersion: mlgitops.io/v1alpha1
kind: ModelPolicy
metadata: { name: pinned }
spec:
  validationActions: [Deny]
  matchConstraints: { roles: [train] }
  rules: [{ images: { pinnedBy: [commit] } }]
`
}

/** A repository that is removed with the test. */
export function prepare(
  t: Test,
  files: Readonly<Record<string, string>> = monorepo
): TestRepository {
  const repository = new TestRepository(files)
  t.teardown(() => {
    repository.remove()
  })
  return repository
}

/** What a render writes about the model; the model commit is empty where it is not known. */
export async function namesIn(folder: string, ...args: readonly string[]) {
  const { stdout, stderr, exitCode } = await render(folder, app, ...args)
  if (exitCode !== 0) throw new Error(stderr)
  const annotations = annotationsOf(objects(stdout)[0])
  return {
    commit: annotations['mlgitops.io/model-commit'] ?? '',
    digest: annotations['mlgitops.io/model-digest'] ?? ''
  }
}
