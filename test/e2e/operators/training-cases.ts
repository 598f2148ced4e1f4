import { at, jobOf, jobSetOf, podOf } from './case.ts'
import type { OperatorCase } from './case.ts'

const tektonAccount = 'tekton-pipelines:tekton-pipelines-controller'
const argo = 'argo:argo'
const ray = 'default:kuberay-operator'
const volcano = 'volcano-system:volcano-controllers'

/** Operators that train, and run steps. */
export const trainingCases: readonly OperatorCase[] = [
  {
    components: ['tekton'],
    owner: {
      type: 'tekton.dev/v1 PipelineRun',
      name: 'pipeline-run',
      spec: { pipelineRef: { name: 'pipeline' } }
    },
    templates: [
      {
        type: 'tekton.dev/v1 Pipeline',
        name: 'pipeline',
        spec: { tasks: [{ name: 'a', taskRef: { name: 'task' } }] }
      },
      {
        type: 'tekton.dev/v1 Task',
        name: 'task',
        spec: { steps: [{ name: 'a', image: at('task') }] }
      }
    ],
    children: [
      {
        by: tektonAccount,
        type: 'tekton.dev/v1 TaskRun',
        name: 'task-run',
        spec: { taskRef: { name: 'task' } }
      },
      {
        by: tektonAccount,
        type: 'v1 Pod',
        name: 'task-run-pod',
        spec: podOf(
          at('task'),
          'ghcr.io/tektoncd/pipeline/entrypoint-bff0a22da108bc2f16c818c97641a296:v1.5.0'
        )
      }
    ]
  },
  {
    components: ['argo-workflows'],
    owner: {
      type: 'argoproj.io/v1alpha1 CronWorkflow',
      name: 'nightly',
      spec: {
        schedule: '0 3 * * *',
        suspend: true,
        workflowSpec: {
          entrypoint: 'main',
          templates: [{ name: 'main', container: { image: at('main') } }]
        }
      }
    },
    children: [
      {
        by: argo,
        type: 'argoproj.io/v1alpha1 Workflow',
        name: 'nightly-1',
        spec: {
          entrypoint: 'main',
          templates: [{ name: 'main', container: { image: at('main') } }]
        }
      },
      {
        by: argo,
        type: 'v1 Pod',
        name: 'nightly-1-main',
        spec: podOf(at('main'), 'quay.io/argoproj/argoexec:v3.6.5')
      }
    ]
  },
  {
    components: ['kubeflow-trainer'],
    owner: {
      type: 'trainer.kubeflow.org/v1alpha1 TrainJob',
      name: 'train',
      spec: {
        runtimeRef: {
          apiGroup: 'trainer.kubeflow.org',
          kind: 'ClusterTrainingRuntime',
          name: 'e2e-torch'
        }
      }
    },
    templates: [
      {
        type: 'trainer.kubeflow.org/v1alpha1 ClusterTrainingRuntime',
        name: 'e2e-torch',
        isClusterWide: true,
        spec: { mlPolicy: { numNodes: 1 }, template: { spec: jobSetOf(at('torch')) } }
      }
    ],
    children: [
      {
        by: 'kubeflow-system:kubeflow-trainer-controller-manager',
        type: 'jobset.x-k8s.io/v1alpha2 JobSet',
        name: 'train',
        spec: jobSetOf(at('torch'))
      },
      {
        by: 'kubeflow-system:jobset-controller-manager',
        type: 'batch/v1 Job',
        name: 'train-node-0',
        spec: jobOf(at('torch'))
      }
    ]
  },
  {
    components: ['kuberay'],
    owner: {
      type: 'ray.io/v1 RayJob',
      name: 'ray-job',
      spec: {
        entrypoint: 'python train.py',
        rayClusterSpec: {
          headGroupSpec: { rayStartParams: {}, template: { spec: podOf(at('ray')) } }
        }
      }
    },
    children: [
      {
        by: ray,
        type: 'ray.io/v1 RayCluster',
        name: 'ray-job-cluster',
        spec: { headGroupSpec: { rayStartParams: {}, template: { spec: podOf(at('ray')) } } }
      },
      { by: ray, type: 'v1 Pod', name: 'ray-job-head', spec: podOf(at('ray')) }
    ]
  },
  {
    components: ['spark'],
    owner: {
      type: 'sparkoperator.k8s.io/v1beta2 SparkApplication',
      name: 'features',
      spec: {
        type: 'Python',
        sparkVersion: '3.5.5',
        mode: 'cluster',
        image: at('spark'),
        mainApplicationFile: 'local:///opt/app.py',
        driver: {},
        executor: {}
      }
    },
    children: [
      {
        by: 'spark-operator:spark-operator-controller',
        type: 'v1 Pod',
        name: 'features-driver',
        spec: podOf(at('spark'))
      },
      {
        by: 'default:spark-operator-spark',
        type: 'v1 Pod',
        name: 'features-exec-1',
        spec: podOf(at('spark'))
      }
    ]
  },
  {
    components: ['volcano'],
    owner: {
      type: 'flow.volcano.sh/v1alpha1 JobFlow',
      name: 'flow',
      spec: { flows: [{ name: 'flow-job' }], jobRetainPolicy: 'retain' }
    },
    templates: [
      {
        type: 'flow.volcano.sh/v1alpha1 JobTemplate',
        name: 'flow-job',
        spec: { tasks: [{ name: 'a', replicas: 1, template: { spec: podOf(at('volcano')) } }] }
      }
    ],
    children: [
      {
        by: volcano,
        type: 'batch.volcano.sh/v1alpha1 Job',
        name: 'flow-job',
        spec: { tasks: [{ name: 'a', replicas: 1, template: { spec: podOf(at('volcano')) } }] }
      },
      { by: volcano, type: 'v1 Pod', name: 'flow-job-a-0', spec: podOf(at('volcano')) }
    ]
  },
  {
    components: ['jobset'],
    owner: { type: 'jobset.x-k8s.io/v1alpha2 JobSet', name: 'set', spec: jobSetOf(at('set')) },
    children: [
      {
        by: 'jobset-system:jobset-controller-manager',
        type: 'batch/v1 Job',
        name: 'set-node-0',
        spec: jobOf(at('set'))
      }
    ]
  }
]
