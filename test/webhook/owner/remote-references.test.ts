import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { ask, Cluster, object, podOf, signed } from './made-by.ts'

const git = (url: string, revision: string) => ({
  resolver: 'git',
  params: [
    { name: 'url', value: url },
    { name: 'revision', value: revision }
  ]
})
const spec = {
  params: [
    { name: 'url', value: 'https://git.example.com/tasks' },
    { name: 'source', value: { revision: 'v1' } }
  ],
  pipelineSpec: {
    params: [{ name: 'unset', default: 'main' }, { name: 'url' }, { name: 'source' }],
    tasks: [
      { name: 'a', taskRef: git('$(params.url)', '$(params["source"].revision)') },
      { name: 'b', taskRef: git('$(params["url"])', '$(params.source.revision)') },
      { name: 'c', taskRef: git('$(params.url)', '$(params.unset)') },
      { name: 'd', taskRef: git('$(params.url)/$(context.pipelineRun.name)', 'x') },
      { name: 'e', taskRef: git('$(params.url)', '$(tasks.a.results.commit)') }
    ]
  }
}
const run = signed(object('tekton.dev/v1 PipelineRun', 'run', { spec }))

/** What the API server hears about a TaskRun that Tekton makes of a task. */
function made(taskRef: JsonObject, owner: JsonObject = run): Promise<string> {
  const taskRun = object('tekton.dev/v1 TaskRun', 'run-a', { owner, spec: { taskRef } })
  return ask(new Cluster(owner), taskRun)
}

const url = 'https://git.example.com/tasks'

t.test('A remote reference may have the parameters of the signed run', async t => {
  for (const reference of [git(url, 'v1'), git(url, 'main'), git(`${url}/run`, 'x')]) {
    t.match(await made(reference), /^made by .* admitted with all that it runs$/)
  }
  const refused = /spec\.taskRef differs from every field that was attested$/
  t.match(await made(git(url, 'v2')), refused)
  t.match(await made(git('https://evil.example.com/tasks', 'v1')), refused)
  t.match(await made(git(url, 'result of a task')), refused, 'it is known only at run time')
  const other = { ...spec, params: [{ name: 'url', value: 'https://evil.example.com' }] }
  t.match(
    await made(git('https://evil.example.com', 'main'), { ...run, spec: other }),
    refused,
    'parameters are those of the rendered run'
  )
})

t.test('What a remote reference gives is known to nobody: its Pods have no owner', async t => {
  const taskRun = signed(
    object('tekton.dev/v1 TaskRun', 'remote', { spec: { taskRef: git(url, 'v1') } })
  )
  const image = 'registry.example.com/ml/task:1.0'
  const pod = object('v1 Pod', 'remote-pod', { owner: taskRun, spec: podOf(image) })
  const refused = 'which neither its attestation nor --operator-images has'
  t.match(await ask(new Cluster(taskRun), pod), refused)
  const resolved = { taskSpec: { steps: [{ name: 'a', image }] } }
  t.match(
    await ask(new Cluster({ ...taskRun, status: resolved }), pod),
    refused,
    'what the status says was not signed'
  )
  t.match(
    await ask(
      new Cluster(taskRun),
      { ...taskRun, status: resolved },
      {
        oldObject: taskRun,
        subResource: 'status'
      }
    ),
    `status.taskSpec.steps[0].image is ${image}, ${refused}`
  )
})

t.test('A ResolutionRequest runs nothing: it passes for its owner', async t => {
  const owner = signed(
    object('tekton.dev/v1 TaskRun', 'remote', { spec: { taskRef: git(url, 'v1') } })
  )
  const request = object('resolution.tekton.dev/v1beta1 ResolutionRequest', 'git-1', {
    owner,
    spec: { params: git(url, 'v1').params }
  })
  t.match(await ask(new Cluster(owner), request), /^made by .* for TaskRun ml\/remote/)
})
