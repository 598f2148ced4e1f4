import fc from 'fast-check'
import t from 'tap'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'

const pod = {
  containers: [{ image: 'a' }],
  initContainers: [{ image: 'b' }],
  ephemeralContainers: [{ image: 'c' }],
  volumes: [{ image: { reference: 'd' } }]
}

t.test('the workload table finds what a kind runs', t => {
  const images = (apiVersion: string, kind: string, spec: JsonObject) =>
    inspectWorkload({ apiVersion, kind, spec })?.images.map(
      ({ field, image }) => `${field}=${image}`
    )
  t.same(images('v1', 'Pod', pod), [
    'spec.containers[0].image=a',
    'spec.initContainers[0].image=b',
    'spec.ephemeralContainers[0].image=c',
    'spec.volumes[0].image.reference=d'
  ])
  t.same(
    images('batch/v1', 'CronJob', {
      jobTemplate: { spec: { template: { spec: { containers: [{ image: 'a' }] } } } }
    }),
    ['spec.jobTemplate.spec.template.spec.containers[0].image=a']
  )
  t.same(
    images('kubeflow.org/v1', 'TFJob', {
      tfReplicaSpecs: { Worker: { template: { spec: { containers: [{ image: 'a' }] } } } }
    }),
    ['spec.tfReplicaSpecs[Worker].template.spec.containers[0].image=a']
  )
  t.same(
    images('tekton.dev/v1', 'PipelineRun', {
      pipelineSpec: {
        tasks: [{ taskSpec: { steps: [{ image: 'a' }], sidecars: [{ image: 'b' }] } }],
        finally: [{ taskSpec: { stepTemplate: { image: 'c' } } }]
      }
    }),
    [
      'spec.pipelineSpec.tasks[0].taskSpec.steps[0].image=a',
      'spec.pipelineSpec.tasks[0].taskSpec.sidecars[0].image=b',
      'spec.pipelineSpec.finally[0].taskSpec.stepTemplate.image=c'
    ]
  )
  t.same(
    images('argoproj.io/v1alpha1', 'Workflow', {
      templates: [{ container: { image: 'a' }, sidecars: [{ image: 'b' }] }]
    }),
    ['spec.templates[0].container.image=a', 'spec.templates[0].sidecars[0].image=b']
  )
  t.same(
    inspectWorkload({
      apiVersion: 'serving.kserve.io/v1beta1',
      kind: 'InferenceService',
      spec: {
        predictor: { model: { storageUri: 's3://m', image: 'a' } },
        canary: [{ predictor: { sklearn: { storageUri: 'gs://n' } } }]
      }
    }),
    {
      role: 'serve',
      scope: 'namespaced',
      images: [{ field: 'spec.predictor.model.image', image: 'a' }],
      models: [
        { field: 'spec.predictor.model.storageUri', uri: 's3://m' },
        { field: 'spec.canary[0].predictor.sklearn.storageUri', uri: 'gs://n' }
      ],
      opaque: []
    }
  )
  t.same(
    inspectWorkload({
      apiVersion: 'machinelearning.seldon.io/v1',
      kind: 'SeldonDeployment',
      spec: {
        predictors: [
          { graph: { modelUri: 'a', children: [{ modelUri: 'b', children: [{ modelUri: 'c' }] }] } }
        ]
      }
    })?.models.map(({ uri }) => uri),
    ['a', 'b', 'c']
  )
  t.same(
    inspectWorkload({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Workflow',
      spec: {
        podSpecPatch: 'x',
        templates: [{ container: { image: '{{inputs.parameters.i}}' } }, { script: { image: 7 } }]
      }
    })?.opaque,
    [
      {
        field: 'spec.podSpecPatch',
        reason: 'can name an image or a model that this object does not show'
      },
      { field: 'spec.templates[0].container.image', reason: 'an image that is filled in later' },
      { field: 'spec.templates[1].script.image', reason: 'is a number, not an image' }
    ]
  )
  t.equal(inspectWorkload({ apiVersion: 'v1', kind: 'ConfigMap' }), undefined)
  const anything = fc.json().map(text => JSON.parse(text) as JsonValue)
  fc.assert(
    fc.property(
      fc.constantFrom('Deployment', 'TFJob', 'Workflow', 'SeldonDeployment'),
      anything,
      (kind, spec) => {
        for (const group of [
          'apps/v1',
          'kubeflow.org/v1',
          'argoproj.io/v1alpha1',
          'machinelearning.seldon.io/v1'
        ])
          inspectWorkload({ apiVersion: group, kind, spec })
      }
    ),
    { seed: 5, numRuns: 200 }
  )
  t.end()
})
