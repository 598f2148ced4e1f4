import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { run } from '../../bin/run.ts'
import { stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { objects } from '../plugin/repository.ts'
import { crdSchemas, peerSchemas, strictValidator } from './peer-schemas.ts'

/** The projects' own CustomResourceDefinitions, by the Go module that carries them. */
const peers = [
  {
    module: 'github.com/kserve/kserve@v0.16.0',
    file: 'config/crd/full/serving.kserve.io_inferenceservices.yaml'
  },
  { module: 'github.com/tektoncd/pipeline@v1.6.0', file: 'config/300-crds/300-pipelinerun.yaml' },
  {
    module: 'github.com/kubeflow/training-operator@v1.9.3',
    file: 'manifests/base/crds/kubeflow.org_tfjobs.yaml'
  },
  { module: 'github.com/fluxcd/flagger@v1.44.0', file: 'artifacts/flagger/crd.yaml' },
  {
    module: 'github.com/fluxcd/source-controller@v1.9.3',
    file: 'config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml'
  },
  {
    module: 'github.com/fluxcd/kustomize-controller@v1.9.6',
    file: 'config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml'
  },
  { module: 'github.com/argoproj/argo-cd/v3@v3.6.1', file: 'manifests/crds/application-crd.yaml' }
] as const
const { schemas, absent } = peerSchemas(peers)
const known = new Map([...schemas, ...crdSchemas('manifests/crds/registeredmodels.yaml')])

const paths = [
  'models/churn-prediction',
  'models/sentiment',
  'models/recommender',
  'platform/argocd',
  'platform/flux'
]

t.test('the examples fit the real definitions of their kinds, in both environments', async t => {
  for (const module of absent) t.comment(`SKIPPED: ${module} cannot be had (no Go, or no network)`)
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-examples-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  cpSync('manifests/examples/mlops-repo', folder, { recursive: true })
  const judged = new Set<string>()
  for (const application of paths) {
    for (const environment of ['staging', 'production']) {
      const args = ['render', application, '--environment', environment, '--revision']
      const { stdout, stderr } = await run({ args: [...args, 'a'.repeat(40)], env: {}, folder })
      t.not(stdout, '', stderr)
      for (const object of objects(stdout)) judge(t, object, judged)
    }
  }
  if (absent.length > 0) return
  t.same([...judged].sort(), [
    'argoproj.io/v1alpha1/Application',
    'flagger.app/v1beta1/Canary',
    'kubeflow.org/v1/TFJob',
    'kustomize.toolkit.fluxcd.io/v1/Kustomization',
    'mlgitops.io/v1alpha1/RegisteredModel',
    'serving.kserve.io/v1beta1/InferenceService',
    'source.toolkit.fluxcd.io/v1/GitRepository',
    'tekton.dev/v1/PipelineRun'
  ])
})

function judge(t: Test, object: JsonObject, judged: Set<string>): void {
  const kind = `${stringMember(object, 'apiVersion') ?? ''}/${stringMember(object, 'kind') ?? ''}`
  const schema = known.get(kind)
  if (schema === undefined) return
  judged.add(kind)
  const validate = strictValidator(schema)
  const plain = JSON.parse(JSON.stringify(object)) as JsonObject
  validate(plain)
  const errors = (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`
  )
  t.same(errors, [], kind)
  const wrong = { ...plain, spec: { ...(plain.spec as JsonObject), speling: 1 } }
  t.notOk(validate(wrong), `${kind}: an unknown field is found`)
}
