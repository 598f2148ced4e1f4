import t from 'tap'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { imagesAndModelsOf } from '../../../webhook/subject/images-and-models.ts'
import { subjectOfManifest } from '../../../webhook/subject/subject.ts'
import { judge } from '../judged.ts'
import { signed } from '../signed.ts'

const metadata = { name: 'x', namespace: 'ml' }
const images = { images: { registries: ['ghcr.io/acme'] } }
const models = { artifacts: { locations: ['s3://models'] } }

/** An Argo workflow whose one template holds a manifest as text. */
function workflow(manifest: string): JsonObject {
  const spec = { templates: [{ resource: { manifest } }] }
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', metadata, spec }
}

/** Where a rule finds something, without what it says of it. */
function fields(rule: JsonObject, object: JsonObject): string[] {
  return judge(rule, object).map(line => line.slice(0, line.indexOf(': ')))
}

const place = 'spec.templates[0].resource.manifest'

t.test('Every field of a text that is named as an image or a model is one', t => {
  for (const key of ['image', 'imageName', 'containerImage', 'container_image', 'image_uri']) {
    const text = JSON.stringify({ a: [{ [key]: 'evil/x' }] })
    t.same(fields(images, workflow(text)), [`${place} > a[0].${key}`], key)
    t.same(fields(models, workflow(text)), [], key)
  }
  for (const key of ['storageUri', 'modelUri', 'model_uri', 'artifactPath', 'working_dir']) {
    const text = JSON.stringify({ a: { [key]: 's3://evil/x' } })
    t.same(fields(models, workflow(text)), [`${place} > a.${key}`], key)
    t.same(fields(images, workflow(text)), [], key)
  }
  t.same(fields(images, workflow('image: {image: evil/x}')), [`${place} > image.image`])
  t.same(fields(models, workflow('modelUri: [{modelUri: "hf://x"}]')), [
    `${place} > modelUri[0].modelUri`
  ])
  t.same(fields(images, workflow('image: 7')), [], 'no runtime pulls a number')
  t.same(fields(images, workflow('[{image: evil/x}]\n---\nb: {image: evil/y}')), [
    `${place} > b.image`,
    `${place} > [0].image`
  ])
  t.end()
})

t.test('The models and the code of Ray Serve, and what a JSON Patch puts in place', t => {
  const apiVersion = 'ray.io/v1'
  const ray = (serveConfigV2: string) => ({
    ...{ apiVersion, kind: 'RayService', metadata },
    spec: { serveConfigV2 }
  })
  const config = (loading: string) =>
    ray(`applications: [{ args: { llm_configs: [{ model_loading_config: ${loading} }] } }]`)
  const loading = 'spec.serveConfigV2 > applications[0].args.llm_configs[0].model_loading_config'
  t.same(fields(models, config('{ model_id: evil/x }')), [`${loading}.model_id`])
  t.same(fields(models, config('{ model_id: x, model_source: evil/x }')), [
    `${loading}.model_source`
  ])
  t.same(fields(models, config('{ model_id: x, model_source: { bucket_uri: s3://evil } }')), [
    `${loading}.model_source.bucket_uri`
  ])
  t.same(fields(models, config('{ model_id: x, model_source: s3://models/x }')), [])
  const code =
    'runtime_env: { py_modules: [s3://models/a, https://evil/b], working_dir: gcs://evil }'
  t.same(fields(models, ray(code)), [
    'spec.serveConfigV2 > runtime_env.working_dir',
    'spec.serveConfigV2 > runtime_env.py_modules[1]'
  ])
  const patch = JSON.stringify([{ op: 'add', path: '/image', value: 'evil/x' }])
  const annotations = { 'vault.hashicorp.com/agent-json-patch': patch }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, annotations }, spec: {} }
  t.same(fields(images, pod), [
    'metadata.annotations[vault.hashicorp.com/agent-json-patch] > [0].value'
  ])
  t.end()
})

t.test('A text with a document that is neither a mapping nor a list cannot be searched', t => {
  for (const text of ['text', '7', 'null', '# a comment', 'a: 1\n---\ntext', 'a: 1\n---\nnull']) {
    t.same(fields(images, workflow(text)), [place], text)
    t.same(fields(models, workflow(text)), [place], text)
  }
  t.match(judge(models, workflow('text')), [
    /: the field can hide a model: it holds a manifest as text, and/
  ])
  const allowing = { artifacts: { locations: ['s3://models'], hidden: 'Allow' } }
  t.same(judge(allowing, workflow('text')), [], 'where the policy allows what is hidden')
  const nested = (levels: number) => workflow(`${'['.repeat(levels)}a${']'.repeat(levels)}`)
  t.same(fields(images, nested(64)), [])
  t.same(fields(images, nested(65)), [place])
  t.end()
})

t.test(
  'Lines within brackets may start anywhere, as for go-yaml, while reading them is cheap',
  t => {
    const listed = (count: number) => `a: [\n${'{image: evil/x},\n'.repeat(count)}]`
    t.same(
      fields(images, workflow(listed(3))),
      [2, 1, 0].map(at => `${place} > a[${at}].image`)
    )
    const long = `${listed(8)}\n# ${'x'.repeat(60_000)}`
    t.same(fields(images, workflow(long)), [place], 'eight times as many characters')
    t.end()
  }
)

t.test(
  'A text in place of an object is not searched, nor is one that is filled in at run time',
  t => {
    const pod = (containers: JsonValue) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { containers }
    })
    t.same(fields(images, pod('[]')), ['spec.containers'])
    t.same(judge(models, pod([{ image: '["$(IMAGE)"]' }])), [
      'spec.containers[0].image: the field can hide a model: it is filled in at run time, and cannot be searched; fix: write it as fields of the object, or ask for a PolicyException'
    ])
    t.end()
  }
)

t.test('A command and code in an image can load a model, and are as good as their signature', t => {
  const runs = (apiVersion: string, kind: string, spec: JsonObject) => ({
    ...{ apiVersion, kind, metadata },
    spec
  })
  const job = runs('ray.io/v1', 'RayJob', { entrypoint: 'python train.py' })
  t.same(judge(models, job), [
    'spec.entrypoint: the field can hide a model: it is a command that can load a model, and cannot be searched; fix: deploy the object that mlgitops rendered and signed, or ask for a PolicyException'
  ])
  const spark = (mainApplicationFile: string) =>
    runs('sparkoperator.k8s.io/v1beta2', 'SparkApplication', { mainApplicationFile })
  t.same(fields(models, spark('local:///opt/train.py')), ['spec.mainApplicationFile'])
  for (const object of [job, spark('local:///opt/train.py')]) {
    t.same(judge(models, signed(object)), [])
    t.same(judge(images, object), [], 'neither names an image')
  }
  t.same(fields(models, signed(spark('s3a://code/train.py'))), ['spec.mainApplicationFile'])
  t.end()
})

t.test('Images and models are found once per object, for all rules', t => {
  const subject = subjectOfManifest(workflow('image: evil/x'))
  t.equal(imagesAndModelsOf(subject), imagesAndModelsOf(subject))
  t.not(imagesAndModelsOf(subject), imagesAndModelsOf(subjectOfManifest(subject.object)))
  t.end()
})

t.test('Images and models count together, whichever they are', t => {
  const spec = (...manifests: string[]) => ({
    templates: manifests.map(manifest => ({ resource: { manifest } }))
  })
  const both = '- {image: ghcr.io/acme/x, modelUri: "s3://models/x"}\n'
  const object = { ...workflow(''), spec: spec(both.repeat(1_000), 'a: {image: ghcr.io/acme/x}') }
  t.same(fields(images, object), ['spec.templates[1].resource.manifest'])
  t.end()
})

t.test(
  'A reference to another object is not searched, and remote content cannot be searched',
  t => {
    const argo = (spec: JsonObject) => ({ ...workflow(''), spec })
    for (const rule of [images, models]) {
      t.same(fields(rule, argo({ workflowTemplateRef: { name: 'x' } })), [])
    }
    t.same(fields(images, argo({ templates: [{ plugin: { x: { image: 'ghcr.io/acme/x' } } }] })), [
      'spec.templates[0].plugin'
    ])
    const manifestFrom = { artifact: { name: 'x' } }
    t.same(fields(images, argo({ templates: [{ resource: { manifestFrom } }] })), [
      'spec.templates[0].resource.manifestFrom'
    ])
    t.same(fields(images, argo({ podSpecPatch: { containers: [] } })), ['spec.podSpecPatch'])
    t.end()
  }
)

t.test(
  'Rule artifacts reads models where their kinds have them, and of a registry entry its path',
  t => {
    const isvc = (storageUri: string) => ({
      apiVersion: 'serving.kserve.io/v1beta1',
      kind: 'InferenceService',
      metadata,
      spec: { predictor: { model: { storageUri } } }
    })
    t.same(judge(models, isvc('s3://models/x')), [])
    t.same(judge(models, isvc('hf://x/y')), [
      'spec.predictor.model.storageUri: the model comes from a location that is not allowed; found hf://x/y; allowed: s3://models; fix: publish the model to an allowed location'
    ])
    const entry = (
      spec: JsonValue,
      apiVersion = 'mlgitops.io/v1alpha1',
      kind = 'RegisteredModel'
    ) => fields(models, { apiVersion, kind, metadata, spec })
    t.same(entry({ artifactPath: 'hf://x/y' }), ['spec.artifactPath'])
    t.same(entry({ artifactPath: 's3://models/x' }), [])
    t.same(
      fields(images, { apiVersion: 'mlgitops.io/v1alpha1', kind: 'RegisteredModel', metadata }),
      [],
      'a registry entry runs no image'
    )
    t.same(entry({}), [])
    t.same(entry({ artifactPath: 7 }), ['spec.artifactPath'])
    t.same(entry({ artifactPath: 'hf://x/y' }, 'example.com/v1'), [])
    t.same(entry({ artifactPath: 'hf://x/y' }, 'mlgitops.io/v1alpha1', 'ModelPolicy'), [])
    t.end()
  }
)
