import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { judge } from '../judged.ts'
import { exchanged, signed } from '../signed.ts'

const provenance = { provenance: {} }
const metadata = { name: 'x', namespace: 'ml', labels: { team: 'ml' } }

/** The fields that an attestation of one spec does not cover in another. */
function fields(apiVersion: string, kind: string, spec: JsonObject, other: JsonObject): string[] {
  const object = signed({ apiVersion, kind, metadata, spec })
  t.same(judge(provenance, object), [], 'as it was signed')
  return judge(provenance, exchanged(object, other)).map(line => line.slice(0, line.indexOf(': ')))
}

t.test('No part of a reference to something that runs can be exchanged', t => {
  const git = (url: string, revision = 'main', resolver = 'git') => ({
    resolver,
    params: [
      { name: 'url', value: url },
      { name: 'revision', value: revision }
    ]
  })
  const run = (pipelineRef: JsonObject) => ({ pipelineRef })
  const kind = ['tekton.dev/v1', 'PipelineRun'] as const
  for (const other of [
    git('https://evil'),
    git('https://a', 'evil'),
    git('https://a', 'main', 'hub')
  ])
    t.same(fields(...kind, run(git('https://a')), run(other)), ['spec.pipelineRef'])
  const bundle = (name: string, from: string) => ({ taskRef: { name, bundle: from } })
  t.same(fields('tekton.dev/v1beta1', 'TaskRun', bundle('t', 'r/a'), bundle('t', 'r/evil')), [
    'spec.taskRef'
  ])
  const ref = (more: JsonObject) => ({ taskRef: { name: 't', ...more } })
  for (const more of [{ kind: 'ClusterTask' }, { kind: 'Wait', apiVersion: 'example.com/v1' }])
    t.same(fields('tekton.dev/v1', 'TaskRun', ref({}), ref(more)), ['spec.taskRef'])
  t.same(fields('tekton.dev/v1', 'TaskRun', ref({}), ref({ kind: 'Task' })), [], "Tekton's default")

  const train = (runtimeRef: JsonObject) => ({ runtimeRef })
  const torch = { name: 'torch' }
  const trainer = ['trainer.kubeflow.org/v1alpha1', 'TrainJob'] as const
  t.same(fields(...trainer, train(torch), train({ ...torch, kind: 'TrainingRuntime' })), [
    'spec.runtimeRef'
  ])
  const written = { apiGroup: 'trainer.kubeflow.org', kind: 'ClusterTrainingRuntime' }
  t.same(fields(...trainer, train(torch), train({ ...torch, ...written })), [], 'the defaults')

  const argo = (clusterScope: boolean) => ({
    workflowTemplateRef: { name: 'x', clusterScope },
    templates: [
      { steps: [[{ name: 's', templateRef: { name: 'x', template: 'y', clusterScope } }]] }
    ]
  })
  t.same(fields('argoproj.io/v1alpha1', 'Workflow', argo(false), argo(true)), [
    'spec.templates[0].steps[0][0].templateRef',
    'spec.workflowTemplateRef'
  ])
  t.end()
})

t.test('The words that choose an implementation cannot be exchanged', t => {
  const spark = (mainClass: string, more: JsonObject = {}) => ({
    image: 'a',
    mainApplicationFile: 'local:///opt/a.jar',
    mainClass,
    ...more
  })
  const operator = ['sparkoperator.k8s.io/v1beta2', 'SparkApplication'] as const
  t.same(fields(...operator, spark('org.A'), spark('org.Evil')), ['spec.mainClass'])
  t.same(
    fields(...operator, spark('org.A', { arguments: ['a'] }), spark('org.A', { arguments: ['b'] })),
    ['spec.arguments']
  )
  const image = { 'spark.kubernetes.driver.container.image': 'evil' }
  t.same(fields(...operator, spark('org.A'), spark('org.A', { sparkConf: image })), [
    'spec.sparkConf[spark.kubernetes.driver.container.image]',
    'spec.sparkConf'
  ])
  const seldon = (implementation: string) => ({
    predictors: [{ graph: { implementation, modelUri: 's3://m' } }]
  })
  t.same(
    fields(
      'machinelearning.seldon.io/v1',
      'SeldonDeployment',
      seldon('SKLEARN_SERVER'),
      seldon('TRITON_SERVER')
    ),
    ['spec.predictors[0].graph.implementation']
  )
  const isvc = (model: JsonObject) => ({ predictor: { model: { storageUri: 's3://m', ...model } } })
  const kserve = ['serving.kserve.io/v1beta1', 'InferenceService'] as const
  const parameters = (bucket: string) => isvc({ storage: { path: 'm', parameters: { bucket } } })
  t.same(fields(...kserve, isvc({ runtime: 'a' }), isvc({ runtime: 'b' })), [
    'spec.predictor.model.runtime'
  ])
  t.same(fields(...kserve, isvc({}), isvc({ runtimeVersion: 'evil' })), [
    'spec.predictor.model.runtimeVersion'
  ])
  t.same(fields(...kserve, parameters('a'), parameters('evil')), [
    'spec.predictor.model.storage.parameters'
  ])
  const older = { predictor: { sklearn: { storageUri: 's3://m' } } }
  const newer = (name: string) => isvc({ modelFormat: { name } })
  t.same(fields(...kserve, older, newer('sklearn')), [], "what KServe's webhook makes of it")
  t.same(fields(...kserve, older, newer('triton')), ['spec.predictor.model.modelFormat'])
  t.end()
})

t.test('What an unknown kind of an asked group holds is judged wherever it is', t => {
  const images = { images: { registries: ['ghcr.io/acme'] } }
  const models = { artifacts: { locations: ['s3://models'] } }
  const unknown = (spec: JsonObject, apiVersion = 'kubeflow.org/v9', kind = 'Novelty') => ({
    apiVersion,
    kind,
    metadata,
    spec
  })
  const found = (rule: JsonObject, spec: JsonObject) =>
    judge(rule, unknown(spec)).map(line => line.slice(0, line.indexOf(';')))
  const foreign = 'the image comes from a registry that is not allowed'
  t.same(found(images, { a: { b: [{ containers: [{ image: 'evil/x' }] }] } }), [
    `spec.a.b[0].containers[0].image: ${foreign}`
  ])
  t.same(found(images, { driverImage: 'evil/x', images: ['ghcr.io/acme/y', 'evil/z'] }), [
    `spec.driverImage: ${foreign}`,
    `spec.images[1]: ${foreign}`
  ])
  t.same(
    found(images, { patch: { Containers: [{ Image: 'evil/x' }] }, imageRepository: 'evil/y' }),
    [`spec.patch.Containers[0].Image: ${foreign}`, `spec.imageRepository: ${foreign}`]
  )
  t.same(found(images, { image: { repository: 'evil/x', tag: 'y' } }), [
    'spec.image: the field can hide an image: it looks like an image, and is no text, and cannot be searched'
  ])
  t.same(found(images, { patch: '{"spec": {"containers": [{"image": "evil/x"}]}}' }), [
    `spec.patch > spec.containers[0].image: ${foreign}`
  ])
  t.same(found(images, { patch: 'no: "manifest\nimage: evil/x' }), [
    'spec.patch: the field can hide an image: it looks like a manifest, and cannot be searched'
  ])
  t.same(
    found(images, {
      template: { metadata: { annotations: { 'dapr.io/sidecar-image': 'evil/x' } } }
    }),
    [`spec.template.metadata.annotations[dapr.io/sidecar-image]: ${foreign}`]
  )
  const elsewhere = 'the model comes from a location that is not allowed'
  t.same(found(models, { any: { modelUri: 'https://evil/x', data: 'hf://evil/y' } }), [
    `spec.any.modelUri: ${elsewhere}`,
    `spec.any.data: ${elsewhere}`
  ])
  t.same(found(models, { storageUris: ['s3://models/x', { uri: 's3://evil/y' }] }), [
    `spec.storageUris[1].uri: ${elsewhere}`
  ])
  t.same(found(models, { model: { uri: 'https://evil/x' }, sink: { uri: 'https://good/y' } }), [
    `spec.model.uri: ${elsewhere}`
  ])
  const embedded = {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    spec: { pipelineRef: { resolver: 'git' } }
  }
  t.same(found(images, { template: embedded }), [
    'spec.template.spec.pipelineRef: the field can hide an image: it fetches the steps at run time, and cannot be searched'
  ])
  for (const rule of [images, models, provenance]) {
    for (const spec of [
      {},
      {
        replicas: 2,
        name: 'image',
        ref: { kind: 'Pod' },
        args: ['s3://evil'],
        imagePullPolicy: 'Never'
      },
      {
        volumes: [{ rbd: { image: 'disk', monitors: ['a'] } }],
        source: 'https://git.example.com/x'
      },
      { modelPath: '/mnt/models', description: 'which image: any' },
      { podName: 'x', containers: [{ name: 'main' }] }
    ]) {
      t.same(
        judge({ ...rule }, unknown(spec)).filter(line => !line.includes('attestation')),
        []
      )
    }
  }
  const argo = { kustomize: { images: ['evil/x'] } }
  t.same(judge(images, unknown({ source: argo }, 'argoproj.io/v1alpha1', 'Application')), [])
  t.same(
    judge(images, unknown({ image: 'evil/x' }, 'example.com/v1')),
    [],
    'a group that is not asked for'
  )
  t.end()
})
