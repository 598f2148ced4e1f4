import { at, deploymentOf, podOf, setOf } from './case.ts'
import type { Child, Made, OperatorCase } from './case.ts'

const kserve = 'kserve:kserve-controller-manager'
const knative = 'knative-serving:controller'
const lws = 'lws-system:lws-controller-manager'
const digest = `sha256:${'a'.repeat(64)}`

const predictor = (runtime: string) => ({
  predictor: {
    model: { modelFormat: { name: 'sklearn' }, storageUri: 's3://models/churn/1', runtime }
  }
})
const runtime = (name: string): Made => ({
  type: 'serving.kserve.io/v1alpha1 ServingRuntime',
  name,
  spec: {
    supportedModelFormats: [{ name: 'sklearn' }],
    containers: [{ name: 'kserve-container', image: at('sklearn') }]
  }
})
const knativeSpec = (image: string) => ({ template: { spec: podOf(image) } })
const knativeChildren = (image: string): readonly Child[] => [
  {
    by: knative,
    type: 'serving.knative.dev/v1 Configuration',
    name: 'configuration',
    spec: knativeSpec(image)
  },
  { by: knative, type: 'serving.knative.dev/v1 Revision', name: 'revision', spec: podOf(image) },
  {
    by: knative,
    type: 'apps/v1 Deployment',
    name: 'revision',
    spec: deploymentOf(
      `${image.slice(0, image.lastIndexOf(':'))}@${digest}`,
      `gcr.io/knative-releases/knative.dev/serving/cmd/queue@${digest}`
    )
  }
]

/** Operators that serve models. */
export const servingCases: readonly OperatorCase[] = [
  {
    components: ['kserve'],
    owner: {
      type: 'serving.kserve.io/v1beta1 InferenceService',
      name: 'raw',
      spec: predictor('raw')
    },
    templates: [runtime('raw')],
    children: [
      {
        by: kserve,
        type: 'apps/v1 Deployment',
        name: 'raw-predictor',
        spec: deploymentOf(at('sklearn'))
      }
    ]
  },
  {
    components: ['kserve', 'knative'],
    owner: {
      type: 'serving.kserve.io/v1beta1 InferenceService',
      name: 'serverless',
      spec: predictor('serverless')
    },
    templates: [runtime('serverless')],
    children: [
      {
        by: kserve,
        type: 'serving.knative.dev/v1 Service',
        name: 'serverless-predictor',
        spec: knativeSpec(at('sklearn'))
      },
      ...knativeChildren(at('sklearn')).map(child => ({
        ...child,
        name: `serverless-${child.name}`
      }))
    ]
  },
  {
    components: ['kserve'],
    owner: {
      type: 'serving.kserve.io/v1alpha1 LLMInferenceService',
      name: 'chat',
      spec: { model: { uri: 'hf://org/chat', name: 'chat' } }
    },
    templates: [
      {
        type: 'serving.kserve.io/v1alpha1 LLMInferenceServiceConfig',
        name: 'kserve-config-llm-template',
        spec: {
          template: {
            containers: [
              {
                name: 'main',
                image: at('vllm'),
                args: ['train.py']
              }
            ]
          }
        }
      }
    ],
    children: [
      {
        by: 'kserve:llmisvc-controller-manager',
        type: 'apps/v1 Deployment',
        name: 'chat-kserve',
        spec: {
          ...deploymentOf(at('vllm')),
          template: {
            metadata: { labels: { app: 'child' } },
            spec: {
              serviceAccountName: 'chat-kserve',
              containers: [{ name: 'main', image: at('vllm'), args: ['train.py'] }]
            }
          }
        }
      }
    ]
  },
  {
    components: ['lws'],
    owner: {
      type: 'leaderworkerset.x-k8s.io/v1 LeaderWorkerSet',
      name: 'llm',
      spec: {
        replicas: 1,
        leaderWorkerTemplate: { size: 2, workerTemplate: { spec: podOf(at('llm')) } }
      }
    },
    children: [
      {
        by: lws,
        type: 'apps/v1 StatefulSet',
        name: 'llm',
        spec: { ...setOf(at('llm')), replicas: 1 }
      },
      { type: 'v1 Pod', name: 'llm-0', spec: {} },
      { by: lws, type: 'apps/v1 StatefulSet', name: 'llm-workers', spec: setOf(at('llm')) }
    ]
  },
  {
    components: ['knative'],
    owner: {
      type: 'serving.knative.dev/v1 Service',
      name: 'plain',
      spec: knativeSpec(at('plain'))
    },
    children: knativeChildren(at('plain')).map(child => ({ ...child, name: `plain-${child.name}` }))
  },
  {
    components: ['seldon'],
    owner: {
      type: 'machinelearning.seldon.io/v1 SeldonDeployment',
      name: 'seldon',
      spec: {
        predictors: [
          {
            name: 'main',
            graph: { name: 'model', modelUri: 's3://models/churn/1' },
            componentSpecs: [{ spec: podOf(at('seldon')) }]
          }
        ]
      }
    },
    children: [
      {
        by: 'seldon-system:seldon-manager',
        type: 'apps/v1 Deployment',
        name: 'seldon-main',
        spec: deploymentOf(at('seldon'), 'docker.io/seldonio/seldon-core-executor:1.18.2')
      }
    ]
  }
]
