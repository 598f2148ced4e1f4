import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { run } from '../../bin/run.ts'
import { member, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
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
  ...['imagerepositories', 'imagepolicies'].map(plural => ({
    module: 'github.com/fluxcd/image-reflector-controller@v1.2.3',
    file: `config/crd/bases/image.toolkit.fluxcd.io_${plural}.yaml`
  })),
  {
    module: 'github.com/fluxcd/image-automation-controller@v1.2.3',
    file: 'config/crd/bases/image.toolkit.fluxcd.io_imageupdateautomations.yaml'
  },
  ...['alerts', 'providers'].map(plural => ({
    module: 'github.com/fluxcd/notification-controller@v1.9.3',
    file: `config/crd/bases/notification.toolkit.fluxcd.io_${plural}.yaml`
  })),
  { module: 'github.com/argoproj/argo-cd/v3@v3.6.1', file: 'manifests/crds/application-crd.yaml' }
] as const
const { schemas, absent } = peerSchemas(peers)
const known = new Map([...schemas, ...crdSchemas('manifests/crds/registeredmodels.yaml'), ...crdSchemas('manifests/crds/modelreleases.yaml')])

const paths = [
  'models/churn-prediction',
  'models/sentiment',
  'models/recommender',
  'platform/cluster',
  'platform/argocd',
  'platform/flux'
]

t.test('the examples fit the real definitions of their kinds, in both environments', async t => {
  for (const module of absent) t.comment(`SKIPPED: ${module} is not available (no Go, or no network)`)
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
    'image.toolkit.fluxcd.io/v1/ImagePolicy',
    'image.toolkit.fluxcd.io/v1/ImageRepository',
    'image.toolkit.fluxcd.io/v1/ImageUpdateAutomation',
    'kubeflow.org/v1/TFJob',
    'kustomize.toolkit.fluxcd.io/v1/Kustomization',
    'mlgitops.io/v1alpha1/ModelRelease',
    'mlgitops.io/v1alpha1/RegisteredModel',
    'notification.toolkit.fluxcd.io/v1beta3/Alert',
    'notification.toolkit.fluxcd.io/v1beta3/Provider',
    'serving.kserve.io/v1beta1/InferenceService',
    'source.toolkit.fluxcd.io/v1/GitRepository',
    'tekton.dev/v1/PipelineRun'
  ])
})

t.test('every marker of Image Automation names a policy, and stands where it writes', t => {
  const file = 'manifests/examples/mlops-repo/platform/flux/images.yaml'
  const text = readFileSync(file, 'utf8')
  const all = readYaml(text, { file }).map(({ value }) => value as JsonObject)
  const policies = all.filter(({ kind }) => kind === 'ImagePolicy').map(({ metadata }) => {
    return `${stringMember(metadata, 'namespace') ?? ''}:${stringMember(metadata, 'name') ?? ''}`
  })
  const markers = Array.from(
    text.matchAll(/^ +(\w+): (\S+) # \{"\$imagepolicy": "([^":]+:[^":]+)(?::(\w+))?"\}$/gm),
    ([, key, value, policy, part]) => ({ key, value, policy, part })
  )
  t.same(markers.map(({ key, policy, part }) => [key, policy, part]), [
    ['image', policies[0], undefined],
    ['build', policies[0], 'tag']
  ])
  const [image, build] = markers.map(({ value }) => value ?? '')
  t.match(image, `:${build ?? '-'}@sha256:`, 'both are of one image')
  const policy = member(all.find(({ kind }) => kind === 'ImagePolicy')?.spec, 'filterTags')
  // Go's named groups are JavaScript's but for the P.
  const pattern = new RegExp((stringMember(policy, 'pattern') ?? '').replace('(?P<', '(?<'))
  t.equal(pattern.exec(build ?? '')?.groups?.time, '1764158400')
  const automation = all.find(({ kind }) => kind === 'ImageUpdateAutomation')
  t.same(member(automation?.spec, 'update'), { path: './platform/flux', strategy: 'Setters' })
  t.end()
})

const validators = new Map<string, ReturnType<typeof strictValidator>>()

function judge(t: Test, object: JsonObject, judged: Set<string>): void {
  const kind = `${stringMember(object, 'apiVersion') ?? ''}/${stringMember(object, 'kind') ?? ''}`
  const schema = known.get(kind)
  if (schema === undefined) return
  judged.add(kind)
  const validate = validators.get(kind) ?? strictValidator(schema)
  validators.set(kind, validate)
  const plain = JSON.parse(JSON.stringify(object)) as JsonObject
  validate(plain)
  const errors = (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`
  )
  t.same(errors, [], kind)
  const wrong = { ...plain, spec: { ...(plain.spec as JsonObject), speling: 1 } }
  t.notOk(validate(wrong), `${kind}: an unknown field is found`)
}
