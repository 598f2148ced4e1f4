import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { member, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { workloadKinds } from '../../evidence/workload/table.ts'
import { buildPolicySet } from '../../webhook/policy/policy-set.ts'
import { subjectOfManifest } from '../../webhook/subject/subject.ts'
import { context, evaluate } from '../webhook/judged.ts'

const folder = path.join(import.meta.dirname, '../..')
const policies = [
  'allowed-model-locations',
  'allowed-registries',
  'commit-pinned-images',
  'require-bias-audit',
  'require-labels',
  'require-provenance',
  'require-resources'
]
const check = (...args: readonly string[]) => run({ args: ['check', ...args], env: {}, folder })

t.test('Every ready-made policy has a file of its name and a test', t => {
  const named = (name: string) =>
    readdirSync(path.join(folder, name), { withFileTypes: true }).filter(
      entry => entry.name !== 'kustomization.yaml'
    )
  t.same(
    named('manifests/policies')
      .filter(entry => entry.isFile())
      .map(({ name }) => name)
      .sort(),
    policies.map(name => `${name}.yaml`)
  )
  t.same(
    named('manifests/tests/policies')
      .filter(entry => entry.isDirectory())
      .map(({ name }) => name)
      .sort(),
    policies
  )
  t.end()
})

t.test('The policy tests pass, each kind of workload admitted and refused', async t => {
  const { stdout, stderr, exitCode } = await check('--test', 'manifests/tests/policies')
  t.same([stderr, exitCode], ['', 0])
  const lines = stdout.split('\n')
  t.same(
    lines.filter(line => !line.startsWith('ok ')),
    ['118 passed, 0 failed', '']
  )
  const count = (policy: string, result: string) =>
    lines.filter(line => line.startsWith(`ok ${policy}: `) && line.endsWith(`: ${result}`)).length
  t.same(
    policies.map(policy => [policy, count(policy, 'pass'), count(policy, 'deny')]),
    [
      ['allowed-model-locations', 7, 3],
      ['allowed-registries', 6, 5],
      ['commit-pinned-images', 7, 5],
      ['require-bias-audit', 6, 29],
      ['require-labels', 7, 6],
      ['require-provenance', 6, 20],
      ['require-resources', 6, 5]
    ]
  )
})

t.test('Without an attestation of their own none of the workloads is admitted by all policies together', async t => {
  const tests = 'manifests/tests/policies'
  const args = ['--policies', 'manifests/policies', '--keys', `${tests}/test.pub`]
  t.match(await check(`${tests}/workloads.yaml`, ...args), {
    stdout: /7 of 7 policies applied: 5 checked, 5 denied, 0 warned\n$/,
    exitCode: 1
  })
  t.match(await check(`${tests}/require-provenance/forged.yaml`, ...args), {
    stdout: /7 of 7 policies applied: 15 checked, 15 denied, 0 warned\n$/,
    exitCode: 1
  })
})

const builder = [['kustomize', 'build'] as const, ['kubectl', 'kustomize'] as const].find(
  ([command, subcommand]) => spawnSync(command, [subcommand, '--help']).status === 0
)
const skip = builder === undefined ? 'neither kustomize nor kubectl was found' : false

t.test('Overlays set the actions of all seven policies', { skip }, t => {
  const expected = { deny: ['Deny', 'Audit'], warn: ['Warn', 'Audit'], audit: ['Audit'] }
  for (const [overlay, actions] of Object.entries(expected)) {
    const [command, subcommand] = builder ?? ['kustomize', 'build']
    const file = `manifests/overlays/policies/${overlay}`
    const built = spawnSync(command, [subcommand, file], { cwd: folder, encoding: 'utf8' })
    t.same([built.stderr, built.status], ['', 0])
    const sources = readYaml(built.stdout, { file }).map(({ value }) => ({ value, where: file }))
    const set = buildPolicySet(sources, [])
    t.same(
      set.policies.map(policy => [policy.name, policy.actions]),
      policies.map(name => [name, actions]),
      overlay
    )
  }
  t.end()
})

/** The policies and exceptions that docs/webhook.md shows. */
const shown = [
  ...readFileSync(path.join(folder, 'docs/webhook.md'), 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)
]
  .flatMap(([, yaml = '']) => readYaml(yaml, { file: 'docs/webhook.md' }))
  .filter(({ value }) => /^(?:ModelPolicy|PolicyException)$/.test(stringMember(value, 'kind') ?? ''))

t.test('No privileged container and no path of the node, wherever a workload has its pod (threats 15, 16)', t => {
  const set = buildPolicySet(
    shown.filter(({ value }) => stringMember(member(value, 'metadata'), 'name') === 'no-way-to-the-node')
      .map(({ value }) => ({ value, where: 'docs' })),
    []
  )
  t.equal(set.policies.length, 1)
  const fields = (apiVersion: string, kind: string, spec: JsonObject, data: JsonObject = {}) => {
    const object = { apiVersion, kind, metadata: { name: 'x', namespace: 'ml' }, spec, data }
    return evaluate(subjectOfManifest(object), set, context).violations.map(({ field }) => field)
  }
  const plain = { image: 'x', securityContext: { privileged: false } }
  const privileged = { image: 'x', securityContext: { privileged: true } }
  const node = { name: 'n', hostPath: { path: '/etc/mlgitops' } }
  const evil = { containers: [plain, privileged], volumes: [{ name: 'e', emptyDir: {} }, node] }
  const found = (at: string) => [
    `${at}.containers[1].securityContext.privileged`,
    `${at}.volumes[1]`
  ]
  t.same(fields('v1', 'Pod', evil), found('spec'))
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']) {
    t.same(fields('apps/v1', kind, { template: { spec: evil } }), found('spec.template.spec'), kind)
  }
  t.same(
    fields('apps/v1', 'ControllerRevision', {}, { spec: { template: { spec: evil } } }),
    found('data.spec.template.spec')
  )
  t.same(fields('batch/v1', 'Job', { template: { spec: evil } }), found('spec.template.spec'))
  t.same(
    fields('batch/v1', 'CronJob', { jobTemplate: { spec: { template: { spec: evil } } } }),
    found('spec.jobTemplate.spec.template.spec')
  )
  for (const part of ['initContainers', 'ephemeralContainers']) {
    const spec = { containers: [plain], [part]: [privileged] }
    t.same(fields('v1', 'Pod', spec), [`spec.${part}[0].securityContext.privileged`])
  }
  for (const part of ['hostNetwork', 'hostPID', 'hostIPC']) {
    t.same(fields('v1', 'Pod', { containers: [plain], [part]: true }), [`spec.${part}`])
  }
  t.same(fields('v1', 'Pod', { containers: [plain, { image: 'x' }], volumes: [{ emptyDir: {} }] }), [])
  t.end()
})

t.test('Every policy that docs/webhook.md shows can be used', t => {
  t.equal(shown.length, 7)
  for (const { value } of shown) {
    const name = stringMember(member(value, 'metadata'), 'name') ?? ''
    t.doesNotThrow(() => buildPolicySet([{ value, where: 'docs' }], ['mlgitops-system']), name)
  }
  t.end()
})

t.test('The API server asks about every kind of the table, and refuses what it cannot ask', t => {
  const file = path.join(folder, 'manifests/webhook/validating-webhook-configuration.yaml')
  const [document] = readYaml(readFileSync(file, 'utf8'), { file })
  const { webhooks } = document?.value as unknown as { webhooks: readonly AskingWebhook[] }
  t.equal(webhooks.length, 1)
  const [webhook] = webhooks
  t.match(webhook, {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: 10,
    admissionReviewVersions: ['v1'],
    objectSelector: {},
    namespaceSelector: {
      matchLabels: { 'mlgitops.io/admission': 'enabled' },
      matchExpressions: [{ operator: 'NotIn', values: ['kube-system'] }]
    }
  })
  const rules = webhook?.rules ?? []
  for (const { apiVersions, operations } of rules) {
    t.same([apiVersions, operations], [['*'], ['CREATE', 'UPDATE']])
  }
  const asked = (group: string) =>
    rules.filter(rule => rule.apiGroups.includes(group)).flatMap(rule => rule.resources)
  t.same(asked(''), [
    'pods',
    'pods/ephemeralcontainers',
    'pods/resize',
    'podtemplates',
    'replicationcontrollers'
  ])
  t.same(asked('mlgitops.io'), ['registeredmodels'])
  const withStatus: Readonly<Record<string, readonly string[]>> = {
    'argoproj.io': ['workflows/status'],
    'tekton.dev': ['pipelineruns/status', 'taskruns/status']
  }
  for (const { group } of workloadKinds()) {
    if (group !== '') t.same(asked(group), ['*', ...(withStatus[group] ?? [])], group)
  }
  t.end()
})

interface AskingWebhook {
  readonly rules: readonly {
    readonly apiGroups: readonly string[]
    readonly apiVersions: readonly string[]
    readonly operations: readonly string[]
    readonly resources: readonly string[]
  }[]
}
