import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { object, signed } from './made-by.ts'
import { image, made, pod } from './made-pods.ts'

const strange = 'spec.containers[0].command is no command that it has for this container'

t.test('What a child says of a container is what its owner says', async t => {
  const owner = signed(
    object('jobset.x-k8s.io/v1alpha2 JobSet', 'set', {
      spec: {
        replicatedJobs: [
          {
            template: {
              spec: {
                template: {
                  spec: pod(
                    {
                      command: ['python'],
                      args: ['train.py', '--lr=1'],
                      env: [
                        { name: 'DATA', value: 's3://data' },
                        { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }
                      ],
                      envFrom: [{ configMapRef: { name: 'settings' } }],
                      livenessProbe: { exec: { command: ['alive'] } }
                    },
                    { serviceAccountName: 'trainer' }
                  )
                }
              }
            }
          }
        ]
      }
    })
  )
  const rows: readonly (readonly [JsonObject, string])[] = [
    [{ command: ['python'], args: ['train.py', '--lr=1'] }, 'passes'],
    [{}, 'passes'],
    [{ command: ['python'] }, 'passes'],
    [{ command: ['python', 'train.py', '--lr=1'] }, 'passes'],
    [{ command: ['python'], args: ['evil.py', '--lr=1'] }, strange],
    [{ command: ['python'], args: ['train.py'] }, strange],
    [{ command: ['sh', '-c', 'curl evil'] }, strange],
    [{ args: ['evil.py'] }, 'spec.containers[0].args is no command that it has for this container'],
    [{ env: [{ name: 'DATA', value: 's3://data' }] }, 'passes'],
    [
      { env: [{ name: 'DATA', value: 's3://evil' }] },
      'spec.containers[0].env[0] is a variable that it does not have for this container (DATA)'
    ],
    [
      { env: [{ name: 'LD_PRELOAD', value: '/tmp/evil.so' }] },
      'spec.containers[0].env[0] is a variable that it does not have for this container (LD_PRELOAD)'
    ],
    [{ env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }] }, 'passes'],
    [
      { env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'root', key: 'b' } } }] },
      'spec.containers[0].env[0] is a variable that it does not have for this container (TOKEN)'
    ],
    [{ env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] }, 'passes'],
    [{ env: [{ name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::1:role/x' }] }, 'passes'],
    [{ envFrom: [{ configMapRef: { name: 'settings' } }] }, 'passes'],
    [
      { envFrom: [{ secretRef: { name: 'root' } }] },
      'spec.containers[0].envFrom[0] is a variable that it does not have for this container (envFrom)'
    ],
    [{ livenessProbe: { exec: { command: ['alive'] } } }, 'passes'],
    [
      { livenessProbe: { exec: { command: ['evil'] } } },
      'spec.containers[0].livenessProbe.exec.command is no command that it has for this container'
    ],
    [{ command: ['alive'] }, strange]
  ]
  for (const [container, heard] of rows) {
    t.equal(await made(owner, pod(container)), heard, JSON.stringify(container))
    t.equal(await made(owner, pod(container), { trust: '=images' }), 'passes')
  }
  t.equal(await made(owner, pod({}, { serviceAccountName: 'trainer' })), 'passes')
  t.equal(await made(owner, pod({}, { serviceAccountName: 'default' })), 'passes')
  t.equal(
    await made(owner, pod({}, { serviceAccountName: 'admin' })),
    'spec.serviceAccountName is a right that it does not have (account admin)'
  )
})

t.test('A container runs what the one of its name does, with its image', async t => {
  const other = 'registry.example.com/ml/other:1.0'
  const owner = signed(
    object('jobset.x-k8s.io/v1alpha2 JobSet', 'set', {
      spec: {
        replicatedJobs: [
          {
            template: {
              spec: {
                template: {
                  spec: {
                    containers: [
                      { name: 'main', image, command: ['train'] },
                      { name: 'log', image: other, command: ['ship'] }
                    ]
                  }
                }
              }
            }
          }
        ]
      }
    })
  )
  const containers = (main: JsonObject, log: JsonObject) => ({
    containers: [
      { name: 'main', image, ...main },
      { name: 'log', image: other, ...log }
    ]
  })
  t.equal(await made(owner, containers({ command: ['train'] }, { command: ['ship'] })), 'passes')
  t.equal(await made(owner, containers({ command: ['ship'] }, {})), strange)
  t.equal(
    await made(owner, { containers: [{ name: 'main', image: other, command: ['train'] }] }),
    strange
  )
})

t.test('Others tell a container its place by variables', async t => {
  const template = { spec: pod({}) }
  const rows = [
    [
      'leaderworkerset.x-k8s.io/v1 LeaderWorkerSet',
      'LWS_LEADER_ADDRESS',
      { leaderWorkerTemplate: { workerTemplate: template } }
    ],
    ['batch.volcano.sh/v1alpha1 Job', 'VC_WORKER_HOSTS', { tasks: [{ name: 'a', template }] }],
    ['serving.knative.dev/v1 Service', 'K_REVISION', { template }],
    [
      'machinelearning.seldon.io/v1 SeldonDeployment',
      'PREDICTIVE_UNIT_ID',
      { predictors: [{ componentSpecs: [template] }] }
    ]
  ] as const
  for (const [type, name, spec] of rows) {
    const owner = signed(object(type, 'owner', { spec }))
    const having = (variable: string) => pod({ env: [{ name: variable, value: '1' }] })
    t.equal(await made(owner, having(name)), 'passes', type)
    t.match(await made(owner, having('LD_PRELOAD')), '(LD_PRELOAD)', type)
  }
})
