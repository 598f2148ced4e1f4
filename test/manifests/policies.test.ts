import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { member, stringMember } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { workloadKinds } from '../../evidence/workload/table.ts'
import { buildPolicySet } from '../../webhook/policy/policy-set.ts'

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
    stdout: /5 checked, 5 denied, 0 warned\n$/,
    exitCode: 1
  })
  t.match(await check(`${tests}/require-provenance/forged.yaml`, ...args), {
    stdout: /15 checked, 15 denied, 0 warned\n$/,
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

t.test('Every policy that docs/webhook.md shows can be used', t => {
  const text = readFileSync(path.join(folder, 'docs/webhook.md'), 'utf8')
  const shown = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)]
    .flatMap(([, yaml = '']) => readYaml(yaml, { file: 'docs/webhook.md' }))
    .filter(({ value }) => /^(?:ModelPolicy|PolicyException)$/.test(stringMember(value, 'kind') ?? ''))
  t.equal(shown.length, 6)
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
  for (const { group } of workloadKinds()) {
    if (group !== '') t.same(asked(group), ['*'], group)
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
