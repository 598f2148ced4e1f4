import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { findInTime } from '../../../webhook/owner/find-in-time.ts'
import { subjectOfManifest } from '../../../webhook/subject/subject.ts'
import { trustedKey } from '../attested.ts'
import { now } from '../judged.ts'
import { ask, Cluster, object, podOf, signed } from './made-by.ts'

const at = (name: string) => `registry.example.com/${name}:1.0`
const steps = (name: string) => ({ steps: [{ name: 'a', image: at(name) }] })
/** An object without a namespace. */
const everywhere = { namespace: '' }

/** Whether a Deployment with these images passes for a signed owner, given the templates of the cluster. */
async function passes(
  owner: JsonObject,
  images: readonly string[],
  ...templates: readonly JsonObject[]
): Promise<boolean> {
  const child = object('apps/v1 Deployment', 'child', {
    owner,
    spec: { template: { spec: podOf(...images) } }
  })
  const answer = await ask(new Cluster(owner, ...templates), child)
  return answer.startsWith('made by')
}

t.test('Tekton: a Pipeline, its Tasks, and their StepActions', async t => {
  const run = signed(
    object('tekton.dev/v1 PipelineRun', 'run', { spec: { pipelineRef: { name: 'build' } } })
  )
  const pipeline = object('tekton.dev/v1 Pipeline', 'build', {
    spec: {
      tasks: [{ name: 'a', taskRef: { name: 'train' } }],
      finally: [{ name: 'b', taskSpec: { steps: [{ name: 'a', ref: { name: 'notify' } }] } }]
    }
  })
  const task = object('tekton.dev/v1 Task', 'train', { spec: steps('train') })
  const action = object('tekton.dev/v1beta1 StepAction', 'notify', {
    spec: { image: at('notify') }
  })
  const all = [pipeline, task, action]
  t.equal(await passes(run, [at('train'), at('notify')], ...all), true)
  t.equal(await passes(run, [at('other')], ...all), false)
  t.equal(await passes(run, [at('train')], pipeline), false, 'a Task that does not exist')
  const elsewhere = { ...task, metadata: { ...(task.metadata as JsonObject), namespace: 'dev' } }
  t.equal(
    await passes(run, [at('train')], pipeline, elsewhere),
    false,
    'a Task of another namespace'
  )
  const remote = signed(
    object('tekton.dev/v1 PipelineRun', 'run', {
      spec: { pipelineRef: { resolver: 'git', name: 'build', params: [] } }
    })
  )
  t.equal(await passes(remote, [at('train')], ...all), false, 'what a resolver fetches')
})

t.test('Argo Workflows: templates of the namespace and of the cluster, and theirs', async t => {
  const workflow = signed(
    object('argoproj.io/v1alpha1 Workflow', 'run', {
      spec: { templates: [{ name: 'a', steps: [[{ name: 'b', templateRef: { name: 'build' } }]] }] }
    })
  )
  const build = object('argoproj.io/v1alpha1 WorkflowTemplate', 'build', {
    spec: {
      templates: [
        { name: 'a', container: { image: at('build') } },
        {
          name: 'b',
          dag: { tasks: [{ name: 'c', templateRef: { name: 'all', clusterScope: true } }] }
        }
      ]
    }
  })
  const all = object('argoproj.io/v1alpha1 ClusterWorkflowTemplate', 'all', {
    ...everywhere,
    spec: { templates: [{ name: 'a', container: { image: at('all') } }] }
  })
  t.equal(await passes(workflow, [at('build'), at('all')], build, all), true)
  t.equal(await passes(workflow, [at('other')], build, all), false)
  const cron = signed(
    object('argoproj.io/v1alpha1 CronWorkflow', 'nightly', {
      spec: { workflowSpec: { workflowTemplateRef: { name: 'build' } } }
    })
  )
  t.equal(await passes(cron, [at('build')], build), true)
})

t.test('KServe: the runtime that is named, or any that KServe may choose', async t => {
  const service = (model: JsonObject) =>
    signed(
      object('serving.kserve.io/v1beta1 InferenceService', 'churn', {
        spec: {
          predictor: { minReplicas: 1, model: { storageUri: 's3://models/churn/1', ...model } }
        }
      })
    )
  const runtime = (name: string, image: string, kind = 'ServingRuntime') =>
    object(`serving.kserve.io/v1alpha1 ${kind}`, name, {
      ...(kind === 'ServingRuntime' ? {} : everywhere),
      spec: { containers: [{ name: 'kserve-container', image }] }
    })
  const sklearn = runtime('sklearn', at('sklearn'))
  const triton = runtime('triton', at('triton'), 'ClusterServingRuntime')
  const named = service({ runtime: 'sklearn' })
  t.equal(await passes(named, [at('sklearn')], sklearn, triton), true)
  t.equal(await passes(named, [at('triton')], sklearn, triton), false, 'not the one that it names')
  t.equal(await passes(service({ runtime: 'triton' }), [at('triton')], sklearn, triton), true)
  const chosen = service({ modelFormat: { name: 'onnx' } })
  t.equal(await passes(chosen, [at('sklearn')], sklearn, triton), true)
  t.equal(await passes(chosen, [at('triton')], sklearn, triton), true)
  t.equal(await passes(chosen, [at('other')], sklearn, triton), false)
  const versioned = service({ runtime: 'sklearn', runtimeVersion: '2.0' })
  const repository = 'registry.example.com/sklearn'
  t.equal(await passes(versioned, [`${repository}:2.0`], sklearn), true)
  t.equal(await passes(versioned, [`${repository}:3.0`], sklearn), false)
  t.equal(await passes(named, [`${repository}:1.0-gpu`], sklearn), true)
  t.equal(await passes(named, [`${repository}-cpu:1.0`], sklearn), true)
})

t.test('Kubeflow Trainer, Volcano, Ray and Seldon name theirs', async t => {
  const job = (image: string) => ({
    template: {
      spec: {
        replicatedJobs: [{ name: 'node', template: { spec: { template: { spec: podOf(image) } } } }]
      }
    }
  })
  const train = (runtimeRef: JsonObject) =>
    signed(object('trainer.kubeflow.org/v1alpha1 TrainJob', 'train', { spec: { runtimeRef } }))
  const torch = object('trainer.kubeflow.org/v1alpha1 ClusterTrainingRuntime', 'torch', {
    ...everywhere,
    spec: job(at('torch'))
  })
  const own = object('trainer.kubeflow.org/v1alpha1 TrainingRuntime', 'own', {
    spec: job(at('own'))
  })
  t.equal(await passes(train({ name: 'torch' }), [at('torch')], torch, own), true)
  t.equal(await passes(train({ name: 'own' }), [at('own')], torch, own), false, 'of the cluster')
  const ofNamespace = train({ name: 'own', kind: 'TrainingRuntime' })
  t.equal(await passes(ofNamespace, [at('own')], torch, own), true)

  const flow = signed(
    object('flow.volcano.sh/v1alpha1 JobFlow', 'flow', { spec: { flows: [{ name: 'a' }] } })
  )
  const template = object('flow.volcano.sh/v1alpha1 JobTemplate', 'a', {
    spec: { tasks: [{ template: { spec: podOf(at('a')) } }] }
  })
  t.equal(await passes(flow, [at('a')], template), true)

  const rayJob = signed(
    object('ray.io/v1 RayJob', 'job', { spec: { clusterSelector: { 'ray.io/cluster': 'shared' } } })
  )
  const shared = object('ray.io/v1 RayCluster', 'shared', {
    spec: { headGroupSpec: { template: { spec: podOf(at('ray')) } } }
  })
  t.equal(await passes(rayJob, [at('ray')], shared), true)

  const server = signed(
    object('mlops.seldon.io/v1alpha1 Server', 'server', { spec: { serverConfig: 'mlserver' } })
  )
  const config = object('mlops.seldon.io/v1alpha1 ServerConfig', 'mlserver', {
    spec: { podSpec: podOf(at('mlserver')) }
  })
  t.equal(await passes(server, [at('mlserver')], config), true)
})

t.test(
  'KServe and Seldon also look for configurations in the namespace of the operator',
  async t => {
    const service = (baseRefs: readonly JsonObject[]) =>
      signed(
        object('serving.kserve.io/v1alpha1 LLMInferenceService', 'llm', { spec: { baseRefs } })
      )
    const config = (name: string, image: string, namespace = 'tekton-pipelines') =>
      object('serving.kserve.io/v1alpha1 LLMInferenceServiceConfig', name, {
        namespace,
        spec: { template: podOf(at(image)) }
      })
    const vllm = config('vllm', 'vllm')
    const named = service([{ name: 'vllm' }])
    t.equal(await passes(named, [at('vllm')], vllm), true)
    t.equal(
      await passes(named, [at('vllm')], vllm, config('vllm', 'own', 'ml')),
      false,
      'its own first'
    )
    t.equal(await passes(named, [at('own')], vllm, config('vllm', 'own', 'ml')), true)
    t.equal(await passes(named, [at('vllm')], config('vllm', 'vllm', 'dev')), false, 'another one')
    const preset = config('kserve-config-llm-template', 'preset')
    t.equal(await passes(service([]), [at('preset')], preset), true, 'without being asked')
    t.equal(await passes(service([]), [at('vllm')], vllm), false)
    const server = signed(
      object('mlops.seldon.io/v1alpha1 Server', 'server', { spec: { serverConfig: 'mlserver' } })
    )
    const mlserver = object('mlops.seldon.io/v1alpha1 ServerConfig', 'mlserver', {
      namespace: 'tekton-pipelines',
      spec: { podSpec: podOf(at('mlserver')) }
    })
    t.equal(await passes(server, [at('mlserver')], mlserver), true)
  }
)

t.test('A template that cannot be read refuses the child for now', async t => {
  const run = signed(
    object('tekton.dev/v1 TaskRun', 'run', { spec: { taskRef: { name: 'train' } } })
  )
  const reads = new Cluster(run)
  const source: Cluster = Object.assign(new Cluster(run), {
    get: ((target, freshness) =>
      target.kind.kind === 'Task'
        ? Promise.resolve({ kind: 'unreadable', reason: 'tasks.tekton.dev "train" is forbidden' })
        : reads.get(target, freshness)) satisfies Cluster['get']
  })
  const child = object('v1 Pod', 'child', { owner: run, spec: podOf(at('train')) })
  t.match(
    await ask(source, child),
    /^503: .*, cannot read Task ml\/train: tasks.tekton.dev "train" is forbidden; the operator will try again$/
  )
})

t.test('Runtimes that cannot be listed refuse the child for now', async t => {
  const service = signed(
    object('serving.kserve.io/v1beta1 InferenceService', 'churn', {
      spec: { predictor: { model: { modelFormat: { name: 'onnx' } } } }
    })
  )
  const reads = new Cluster(service)
  const list: Cluster['list'] = () => Promise.resolve({ kind: 'unreadable', reason: 'forbidden' })
  const child = object('v1 Pod', 'child', { owner: service, spec: podOf(at('onnx')) })
  t.match(
    await ask(Object.assign(reads, { list }), child),
    '503: made by system:serviceaccount:tekton-pipelines:tekton-pipelines-controller, cannot read ServingRuntime ml: forbidden; the operator will try again'
  )
})

t.test(
  'Templates are followed for as long as the API server waits, and as far as anybody writes them',
  async t => {
    const run = signed(
      object('tekton.dev/v1 PipelineRun', 'run', { spec: { pipelineRef: { name: 'build' } } })
    )
    const child = object('v1 Pod', 'child', { owner: run, spec: podOf(at('train')) })
    const tasks = Array.from({ length: 300 }, (_, index) => ({
      name: `t${index}`,
      taskRef: { name: `task-${index}` }
    }))
    const pipeline = object('tekton.dev/v1 Pipeline', 'build', { spec: { tasks } })
    t.match(
      await ask(new Cluster(run, pipeline), child),
      /^503: .*more than 200 templates are named/
    )
    const silent = Object.assign(new Cluster(run), {
      get: () => new Promise<never>(() => undefined)
    })
    const search = {
      source: silent,
      trustedKeys: [trustedKey],
      now,
      freshness: 'live',
      homes: []
    } as const
    t.same(await findInTime(subjectOfManifest(child), search, 1_000), {
      kind: 'unreadable',
      reason: 'its owners were not read within 0.4 s'
    })
  }
)
