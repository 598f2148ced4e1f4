import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { annotations } from '../../../evidence/annotations.ts'
import { generateKeyPair, readTrustedKey } from '../../../evidence/attestation/key.ts'
import { annotated, trustedKey } from '../attested.ts'
import { account, ask, Cluster, object, podOf, signed } from './made-by.ts'

const image = 'registry.example.com/ml/trainer:1.0'
const task = { taskSpec: { steps: [{ name: 'train', image }] } }
const pipelineRun = signed(
  object('tekton.dev/v1 PipelineRun', 'train', {
    spec: { pipelineSpec: { tasks: [{ name: 'a', ...task }] } }
  })
)
const attestation = (pipelineRun.metadata as { annotations: Record<string, string> }).annotations[
  annotations.attestation
]
/** Tekton copies the annotations of a PipelineRun to what it makes. */
const taskRun = annotated(
  object('tekton.dev/v1 TaskRun', 'train-a', { owner: pipelineRun, spec: task }),
  { [annotations.attestation]: attestation }
)
const pod = (...images: readonly string[]) =>
  object('v1 Pod', 'train-a-pod', { owner: taskRun, spec: podOf(...images) })
const passes = `made by ${account} for PipelineRun ml/train, which was admitted with all that it runs`

t.test('A TaskRun and its Pod pass for the PipelineRun that they come from', async t => {
  const cluster = new Cluster(pipelineRun, taskRun)
  t.equal(await ask(cluster, taskRun), passes)
  t.equal(await ask(cluster, pod(image)), passes)
  t.same(cluster.asked, [
    'recent tekton.dev/PipelineRun ml/train',
    'recent tekton.dev/TaskRun ml/train-a',
    'recent tekton.dev/PipelineRun ml/train'
  ])
})

t.test('What the operator adds by itself passes, and other images do not', async t => {
  const cluster = new Cluster(pipelineRun, taskRun)
  t.equal(await ask(cluster, pod(image, 'ghcr.io/tektoncd/pipeline/entrypoint:v1.6.0')), passes)
  t.equal(
    await ask(cluster, pod(image, 'evil.example.com/miner:1')),
    `403: made by ${account}, PipelineRun ml/train was not admitted with what this object runs: spec.containers[1].image is evil.example.com/miner:1, which neither its attestation nor --operator-images has`
  )
  t.equal(
    await ask(cluster, pod('ghcr.io/tektoncd/pipeline-evil/x:1')),
    `403: made by ${account}, PipelineRun ml/train was not admitted with what this object runs: spec.containers[0].image is ghcr.io/tektoncd/pipeline-evil/x:1, which neither its attestation nor --operator-images has`
  )
})

t.test(
  'An image may be spelt in another way, or by its digest if its tag was admitted',
  async t => {
    const digest = `sha256:${'a'.repeat(64)}`
    const other = `sha256:${'b'.repeat(64)}`
    const admitted = async (attested: string, found: string) => {
      const run = signed(
        object('tekton.dev/v1 TaskRun', 'run', {
          spec: { taskSpec: { steps: [{ name: 'a', image: attested }] } }
        })
      )
      const child = object('v1 Pod', 'run-pod', { owner: run, spec: podOf(found) })
      return (await ask(new Cluster(run), child)).startsWith('made by')
    }
    const rows: readonly (readonly [string, string, boolean])[] = [
      ['nginx', 'docker.io/library/nginx:latest', true],
      ['index.docker.io/library/nginx:1', 'nginx:1', true],
      ['nginx:1', 'nginx:2', false],
      ['nginx:1', 'nginx', false],
      ['nginx:1', `index.docker.io/library/nginx@${digest}`, true],
      ['nginx:1', `example.com/nginx@${digest}`, false],
      [`nginx:1@${digest}`, `nginx@${digest}`, true],
      [`nginx:1@${digest}`, `nginx@${other}`, false],
      [`nginx:1@${digest}`, 'nginx:1', false],
      [`nginx@${digest}`, `nginx:2@${digest}`, true]
    ]
    for (const [attested, found, isAdmitted] of rows) {
      t.equal(await admitted(attested, found), isAdmitted, `${attested} -> ${found}`)
    }
  }
)

t.test('Only the operator, and only what has an owner that controls it', async t => {
  const cluster = new Cluster(pipelineRun, taskRun)
  const denied = '403:     fix:     set the label team'
  const eve = { requester: { username: 'eve', groups: [] } }
  t.match(await ask(cluster, pod(image), eve), /^403: {5}fix:/)
  const free = object('v1 Pod', 'free', { spec: podOf(image) })
  t.match(await ask(cluster, free), /^403: {5}fix:/, denied)
  t.match(await ask(cluster, pod(image), { subResource: 'ephemeralcontainers' }), /^403: {5}fix:/)
  t.same(cluster.asked, [])
})

t.test('Why an owner does not count', async t => {
  const reasonOf = async (cluster: Cluster, child: JsonObject = pod(image)) =>
    (await ask(cluster, child)).replace(
      `403: made by ${account}, not compared with an owner, because `,
      ''
    )
  t.equal(await reasonOf(new Cluster(pipelineRun)), 'the owner TaskRun ml/train-a does not exist')
  t.equal(
    await reasonOf(new Cluster(taskRun)),
    'TaskRun ml/train-a has no attested owner: the owner PipelineRun ml/train does not exist'
  )
  const another = {
    ...pipelineRun,
    metadata: { ...(pipelineRun.metadata as JsonObject), uid: 'new' }
  }
  t.equal(
    await reasonOf(new Cluster(taskRun, another)),
    'TaskRun ml/train-a has no attested owner: another object has the name of the owner PipelineRun ml/train'
  )
  const unsigned = annotated(pipelineRun, { [annotations.attestation]: undefined })
  t.equal(
    await reasonOf(new Cluster(taskRun, unsigned)),
    'TaskRun ml/train-a of PipelineRun ml/train has no attested owner: it is not attested and nothing owns it'
  )
  const changed = {
    ...pipelineRun,
    spec: {
      pipelineSpec: {
        tasks: [{ name: 'a', taskSpec: { steps: [{ name: 'x', image: 'evil:1' }] } }]
      }
    }
  }
  t.match(
    await reasonOf(new Cluster(taskRun, changed)),
    'TaskRun ml/train-a of PipelineRun ml/train has no attested owner',
    'it runs what was not attested'
  )
  const config = object('v1 ConfigMap', 'config')
  t.equal(
    await reasonOf(
      new Cluster(config),
      object('v1 Pod', 'x', { owner: config, spec: podOf(image) })
    ),
    'the owner ConfigMap ml/config is of a kind that is not followed'
  )
})

t.test('An owner that cannot be read refuses the child for now', async t => {
  const cluster = new Cluster(pipelineRun, taskRun)
  cluster.outage = 'cannot ask the API server to get taskruns.tekton.dev ml/train-a: ECONNREFUSED'
  t.equal(
    await ask(cluster, pod(image)),
    `503: made by ${account}, cannot read the owner TaskRun ml/train-a: cannot ask the API server to get taskruns.tekton.dev ml/train-a: ECONNREFUSED; the operator will try again`
  )
})

t.test('An old answer may let a child pass, and never refuses one', async t => {
  const old = signed(
    object('tekton.dev/v1 PipelineRun', 'train', {
      spec: {
        pipelineSpec: {
          tasks: [{ name: 'a', taskSpec: { steps: [{ name: 'a', image: 'old:1' }] } }]
        }
      }
    })
  )
  const cluster = new Cluster(pipelineRun, taskRun)
  cluster.remember(old)
  t.equal(await ask(cluster, pod('old:1')), passes)
  t.equal(await ask(cluster, pod(image)), passes, 'the owner has changed meanwhile')
  const gone = {
    ...taskRun,
    metadata: { ...(taskRun.metadata as JsonObject), uid: 'of the last run' }
  }
  cluster.remember(gone)
  t.equal(await ask(cluster, pod(image)), passes, 'the owner was made again under its name')
})

t.test('The end of a key does not stop what an owner makes that was created before', async t => {
  const cluster = new Cluster(pipelineRun, taskRun)
  const ended = (notAfter: string) => ({
    context: { trustedKeys: [{ ...trustedKey, notAfter: new Date(notAfter) }] }
  })
  t.equal(await ask(cluster, pod(image), ended('2026-11-24T11:30:00Z')), passes)
  t.match(await ask(cluster, pod(image), ended('2026-11-24T10:30:00Z')), /nothing owns it$/)
  const other = readTrustedKey(generateKeyPair().publicPem, 'other')
  t.match(await ask(cluster, pod(image), { context: { trustedKeys: [other] } }), /nothing owns it$/)
})

t.test('An operator writes into an attested object, and into its status', async t => {
  const cluster = new Cluster(pipelineRun)
  const stored = {
    ...pipelineRun,
    metadata: { ...(pipelineRun.metadata as JsonObject), labels: { pipeline: 'train' } },
    status: { childReferences: [{ name: 'train-a' }] }
  }
  t.equal(await ask(cluster, stored, { oldObject: pipelineRun }), passes)
  t.same(cluster.asked, [], 'the object itself says what it was admitted with')
})

t.test(
  'A status that runs must be what the object and its templates were admitted with',
  async t => {
    const workflow = signed(
      object('argoproj.io/v1alpha1 Workflow', 'run', {
        spec: { workflowTemplateRef: { name: 'build' } }
      })
    )
    const build = object('argoproj.io/v1alpha1 WorkflowTemplate', 'build', {
      spec: { templates: [{ name: 'a', container: { image } }] }
    })
    const running = (name: string) => ({
      ...workflow,
      status: {
        storedWorkflowTemplateSpec: { templates: [{ name: 'a', container: { image: name } }] }
      }
    })
    const cluster = new Cluster(build)
    const write = (name: string, subResource = 'status') =>
      ask(cluster, running(name), { oldObject: workflow, subResource })
    t.equal(await write(image), passes.replace('PipelineRun ml/train', 'Workflow ml/run'))
    t.equal(await write(image, ''), passes.replace('PipelineRun ml/train', 'Workflow ml/run'))
    t.match(await write('evil:1'), /spec\.templates|status\.storedWorkflowTemplateSpec.* is evil:1/)
    const pod = object('v1 Pod', 'run-a', { owner: workflow, spec: podOf(image) })
    t.match(await ask(new Cluster(build, running(image)), pod), /^made by/, 'of an owner that runs')
  }
)

t.test('A child has no right on its node that nothing in its owner has', async t => {
  const owner = (pod: JsonObject) =>
    signed(
      object('jobset.x-k8s.io/v1alpha2 JobSet', 'set', {
        spec: { replicatedJobs: [{ name: 'a', template: { spec: { template: { spec: pod } } } }] }
      })
    )
  const passesWith = async (ofOwner: JsonObject, ofChild: JsonObject) => {
    const set = owner({ containers: [{ name: 'a', image }], ...ofOwner })
    const spec = { containers: [{ name: 'a', image }], ...ofChild }
    return ask(new Cluster(set), object('v1 Pod', 'pod', { owner: set, spec }))
  }
  const path = (name: string) => ({ volumes: [{ name: 'v', hostPath: { path: name } }] })
  const context = (securityContext: JsonObject) => ({
    containers: [{ name: 'a', image, securityContext }]
  })
  const rights: readonly (readonly [JsonObject, string])[] = [
    [{ hostNetwork: true }, 'spec.hostNetwork is a right that it does not have (hostNetwork)'],
    [{ hostPID: true }, 'spec.hostPID is'],
    [{ hostIPC: true }, 'spec.hostIPC is'],
    [path('/'), 'spec.volumes[0].hostPath is a right that it does not have (hostPath /)'],
    [
      context({ privileged: true }),
      'spec.containers[0].securityContext.privileged is a right that it does not have (privileged)'
    ],
    [context({ capabilities: { add: ['SYS_ADMIN'] } }), '(capability SYS_ADMIN)']
  ]
  for (const [right, message] of rights) {
    t.match(await passesWith({}, right), message)
    t.match(await passesWith(right, right), /^made by/)
  }
  t.match(await passesWith(path('/data'), path('/')), '(hostPath /)')
  t.match(
    await passesWith({}, { hostNetwork: false, ...context({ capabilities: { drop: ['ALL'] } }) }),
    /^made by/
  )
})
