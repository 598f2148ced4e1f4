/** A service account of an operator, as its project's own manifests name it. */
export interface OperatorAccount {
  readonly namespace: string
  readonly account: string
  /** The repository and the file that names it. */
  readonly source: string
  /** Images that the operator adds by itself, in the words of `--operator-images`. */
  readonly images?: readonly string[]
}

/** An operator, and what the webhook reads to compare its children with their owners. */
export interface OperatorRow {
  /** The folder in manifests/components/operators. */
  readonly name: string
  readonly title: string
  readonly accounts: readonly OperatorAccount[]
  /** Owners and templates by group: the verb is get. */
  readonly reads: Readonly<Record<string, readonly string[]>>
  /** Of these, the kinds of which any may be meant: list as well. */
  readonly lists?: readonly string[]
  /** What is made: the kinds of children, for the documentation. */
  readonly children: string
}

const seldonImage = (name: string) => `docker.io/seldonio/${name}`
const triton = 'nvcr.io/nvidia/tritonserver'

/** The operators that a component exists for, in the order of the documentation. */
export const operatorTable: readonly OperatorRow[] = [
  {
    name: 'tekton',
    title: 'Tekton Pipelines',
    accounts: [
      {
        namespace: 'tekton-pipelines',
        account: 'tekton-pipelines-controller',
        source: 'tektoncd/pipeline config/200-serviceaccount.yaml, config/controller.yaml',
        images: [
          'ghcr.io/tektoncd/pipeline',
          'gcr.io/tekton-releases/github.com/tektoncd/pipeline',
          'cgr.dev/chainguard/busybox@sha256:19f02276bf8dbdd62f069b922f10c65262cc34b710eea26ff928129a736be791',
          'mcr.microsoft.com/powershell@sha256:b6d5ff841b78bdf2dfed7550000fd4f3437385b8fa686ec0f010be24777654d6'
        ]
      }
    ],
    reads: {
      'tekton.dev': ['pipelineruns', 'taskruns', 'customruns', 'pipelines', 'tasks', 'stepactions']
    },
    children: 'TaskRun, CustomRun, PipelineRun, Pod, StatefulSet'
  },
  {
    name: 'kserve',
    title: 'KServe',
    accounts: [
      {
        namespace: 'kserve',
        account: 'kserve-controller-manager',
        source:
          'kserve/kserve config/rbac/service_account.yaml, config/default/kustomization.yaml, config/configmap/inferenceservice.yaml',
        images: [
          'docker.io/kserve/storage-initializer',
          'docker.io/kserve/agent',
          'docker.io/kserve/router',
          'docker.io/kserve/art-explainer'
        ]
      },
      {
        namespace: 'kserve',
        account: 'llmisvc-controller-manager',
        source: 'kserve/kserve config/rbac/llmisvc/service_account.yaml, config/llmisvcconfig',
        images: [
          'docker.io/kserve/storage-initializer',
          'ghcr.io/llm-d',
          'docker.io/vllm/vllm-openai-cpu'
        ]
      }
    ],
    reads: {
      'serving.kserve.io': [
        'inferenceservices',
        'inferencegraphs',
        'llminferenceservices',
        'llminferenceserviceconfigs',
        'servingruntimes',
        'clusterservingruntimes'
      ]
    },
    lists: ['servingruntimes', 'clusterservingruntimes'],
    children: 'Deployment, Service of Knative, LeaderWorkerSet'
  },
  {
    name: 'argo-workflows',
    title: 'Argo Workflows',
    accounts: [
      {
        namespace: 'argo',
        account: 'argo',
        source:
          'argoproj/argo-workflows manifests/base/workflow-controller/workflow-controller-sa.yaml, workflow-controller-deployment.yaml',
        images: ['quay.io/argoproj/argoexec']
      }
    ],
    reads: {
      'argoproj.io': [
        'workflows',
        'cronworkflows',
        'workflowartifactgctasks',
        'workflowtemplates',
        'clusterworkflowtemplates'
      ]
    },
    children: 'Workflow, Pod'
  },
  {
    name: 'kubeflow-trainer',
    title: 'Kubeflow Trainer',
    accounts: [
      {
        namespace: 'kubeflow-system',
        account: 'kubeflow-trainer-controller-manager',
        source:
          'kubeflow/trainer manifests/base/rbac/service_account.yaml, manifests/overlays/manager/kustomization.yaml'
      },
      {
        namespace: 'kubeflow-system',
        account: 'jobset-controller-manager',
        source: 'kubeflow/trainer manifests/third-party/jobset/kustomization.yaml'
      }
    ],
    reads: {
      'trainer.kubeflow.org': ['trainjobs', 'trainingruntimes', 'clustertrainingruntimes'],
      'jobset.x-k8s.io': ['jobsets']
    },
    children: 'JobSet, and Jobs by the JobSet controller that it brings'
  },
  {
    name: 'kuberay',
    title: 'KubeRay',
    accounts: [
      {
        namespace: 'default',
        account: 'kuberay-operator',
        source:
          'ray-project/kuberay ray-operator/config/rbac/service_account.yaml, ray-operator/config/default/kustomization.yaml'
      }
    ],
    reads: { 'ray.io': ['rayclusters', 'rayjobs', 'rayservices', 'raycronjobs'] },
    children: 'RayCluster, RayJob, Pod, Job'
  },
  {
    name: 'spark',
    title: 'Spark operator',
    accounts: [
      {
        namespace: 'spark-operator',
        account: 'spark-operator-controller',
        source:
          'kubeflow/spark-operator config/manager/serviceaccount.yaml, config/default/kustomization.yaml'
      },
      {
        namespace: 'default',
        account: 'spark-operator-spark',
        source:
          'kubeflow/spark-operator config/spark-rbac/spark-application-rbac.yaml, charts/spark-operator-chart/values.yaml (spark.jobNamespaces)'
      }
    ],
    reads: {
      'sparkoperator.k8s.io': ['sparkapplications', 'scheduledsparkapplications', 'sparkconnects'],
      '': ['pods']
    },
    children: 'SparkApplication, Pod of the driver; Pods of executors by the account of the driver'
  },
  {
    name: 'volcano',
    title: 'Volcano',
    accounts: [
      {
        namespace: 'volcano-system',
        account: 'volcano-controllers',
        source: 'volcano-sh/volcano installer/volcano-development.yaml'
      }
    ],
    reads: {
      'batch.volcano.sh': ['jobs', 'cronjobs'],
      'flow.volcano.sh': ['jobflows', 'jobtemplates']
    },
    children: 'Job of Volcano, Pod'
  },
  {
    name: 'jobset',
    title: 'JobSet',
    accounts: [
      {
        namespace: 'jobset-system',
        account: 'jobset-controller-manager',
        source:
          'kubernetes-sigs/jobset config/components/rbac/service_account.yaml, config/default/kustomization.yaml'
      }
    ],
    reads: { 'jobset.x-k8s.io': ['jobsets'] },
    children: 'Job'
  },
  {
    name: 'lws',
    title: 'LeaderWorkerSet',
    accounts: [
      {
        namespace: 'lws-system',
        account: 'lws-controller-manager',
        source:
          'kubernetes-sigs/lws config/rbac/service_account.yaml, config/default/kustomization.yaml'
      }
    ],
    reads: {
      'leaderworkerset.x-k8s.io': ['leaderworkersets'],
      'disaggregatedset.x-k8s.io': ['disaggregatedsets'],
      apps: ['statefulsets'],
      '': ['pods']
    },
    children: 'LeaderWorkerSet (of a DisaggregatedSet), StatefulSet, ControllerRevision'
  },
  {
    name: 'knative',
    title: 'Knative Serving',
    accounts: [
      {
        namespace: 'knative-serving',
        account: 'controller',
        source:
          'knative/serving config/core/200-serviceaccount.yaml, config/core/deployments/controller.yaml, config/core/configmaps/deployment.yaml',
        images: ['gcr.io/knative-releases/knative.dev/serving/cmd/queue']
      }
    ],
    reads: { 'serving.knative.dev': ['services', 'configurations', 'revisions'] },
    children: 'Configuration, Revision, Deployment'
  },
  {
    name: 'seldon',
    title: 'Seldon Core 1 and 2',
    accounts: [
      {
        namespace: 'seldon-system',
        account: 'seldon-manager',
        source:
          'SeldonIO/seldon-core (v1.18.2) operator/config/manager/serviceaccount.yaml, operator/config/default/kustomization.yaml, operator/config/manager/configmap.yaml',
        images: [
          ...[
            'seldon-core-executor',
            'rclone-storage-initializer',
            'sklearnserver',
            'xgboostserver',
            'mlflowserver',
            'mlserver',
            'tfserving-proxy',
            'alibiexplainer'
          ].map(seldonImage),
          'docker.io/tensorflow/serving',
          triton
        ]
      },
      {
        namespace: 'seldon-mesh',
        account: 'seldon-v2-controller-manager',
        source:
          'SeldonIO/seldon-core (v2) operator/config/rbac/service_account.yaml, operator/config/cli/kustomization.yaml, k8s/yaml/components.yaml',
        images: [
          ...[
            'seldon-rclone',
            'seldon-agent',
            'mlserver',
            'seldon-dataflow-engine',
            'seldon-scheduler',
            'seldon-pipelinegateway',
            'seldon-modelgateway',
            'seldon-hodometer',
            'seldon-envoy'
          ].map(seldonImage),
          triton
        ]
      }
    ],
    reads: {
      'machinelearning.seldon.io': ['seldondeployments'],
      'mlops.seldon.io': ['servers', 'seldonruntimes', 'serverconfigs', 'seldonconfigs']
    },
    children: 'Deployment, StatefulSet'
  }
]
