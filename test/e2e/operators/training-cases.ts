import { at, jobOf, jobSetOf, podOf } from './case.ts'
import type { OperatorCase } from './case.ts'

const tektonAccount = 'tekton-pipelines:tekton-pipelines-controller'
const argo = 'argo:argo'
const volcano = 'volcano-system:volcano-controllers'

const mainTemplate = {
  name: 'main',
  container: { image: at('main'), command: ['python'], args: ['train.py'] }
}
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
        spec: {
          steps: [{ name: 'a', image: at('task'), command: ['python'], args: ['train.py'] }]
        }
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
        spec: {
          initContainers: [
            {
              name: 'prepare',
              image: 'ghcr.io/tektoncd/pipeline/entrypoint-bff0a22da108bc2f16c818c97641a296:v1.5.0',
              command: [
                '/ko-app/entrypoint',
                'init',
                '/ko-app/entrypoint',
                '/tekton/bin/entrypoint'
              ]
            }
          ],
          containers: [
            {
              name: 'step-a',
              image: at('task'),
              command: ['/tekton/bin/entrypoint'],
              args: [
                ...[
                  '-wait_file',
                  '/tekton/downward/ready',
                  '-termination_path',
                  '/tekton/termination'
                ],
                ...['-entrypoint', 'python', '--', 'train.py']
              ]
            }
          ]
        }
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
          templates: [mainTemplate]
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
          templates: [mainTemplate]
        }
      },
      {
        by: argo,
        type: 'v1 Pod',
        name: 'nightly-1-main',
        spec: {
          containers: [
            {
              name: 'main',
              image: at('main'),
              command: ['/var/run/argo/argoexec', 'emissary', '--', 'python'],
              args: ['train.py']
            },
            {
              name: 'wait',
              image: 'quay.io/argoproj/argoexec:v3.6.5',
              command: ['argoexec', 'wait']
            }
          ]
        }
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
