import t from 'tap'
import { generateKeyPair } from '../../../evidence/attestation/key.ts'
import { configMap, policy, registryPolicy, TestFolder } from './folder.ts'

const files = {
  'policies.yaml':
    policy('Deny', 'deny') +
    policy('Warn, Audit', 'warn') +
    policy('Audit', 'audit') +
    registryPolicy,
  'exception.yaml': `apiVersion: mlgitops.io/v1alpha1
kind: PolicyException
metadata: { name: old, namespace: exceptions }
spec:
  policies: [{ name: deny }]
  objects: [{ kinds: [ConfigMap], namespaces: [ml], names: [excused] }]
  reason: until the team has moved
  expiresAt: "2026-12-01T00:00:00Z"
`,
  'resources.yaml': configMap('good', 'a') + configMap('bad') + configMap('excused'),
  'other.yaml': configMap('bad', 'a').replace('namespace: ml', 'namespace: other'),
  'k.pub': generateKeyPair().publicPem
}

const head = 'policies: [policies.yaml]\nresources: [resources.yaml]\n'

/** The output of `check --test` for a test file next to {@link files}. */
async function check(test: string, target = 'tests') {
  const folder = new TestFolder({
    ...Object.fromEntries(
      Object.entries(files).map(([file, text]): [string, string] => [`tests/first/${file}`, text])
    ),
    'tests/first/mlgitops-test.yaml': test
  })
  try {
    return await folder.check('--test', target)
  } finally {
    folder.remove()
  }
}

t.test('Each expectation is a line: policy, rule, kind, name and result', async t => {
  const test = `apiVersion: mlgitops.io/v1alpha1
kind: PolicyTest
name: labels
policies: [policies.yaml, exception.yaml]
resources: [resources.yaml, other.yaml]
keys: [k.pub]
now: "2026-11-24T12:00:00Z"
results:
  - { policy: deny, kind: ConfigMap, name: good, result: pass }
  - { policy: deny, rule: labels, kind: ConfigMap, namespace: ml, name: bad, result: deny }
  - { policy: deny, namespace: other, result: pass }
  - { policy: warn, namespace: ml, name: bad, result: warn }
  - { policy: audit, namespace: ml, name: bad, result: audit }
  - { policy: deny, name: excused, result: pass }
  - { policy: warn, name: excused, result: warn }
  - { policy: registry, result: pass }
  - { policy: deny, namespace: ml, name: bad, message: team is missing, result: deny }
  - { policy: deny, namespace: ml, name: bad, message: is stale, result: pass }
`
  t.same(await check(test), {
    stdout: `ok labels: deny ConfigMap good: pass
ok labels: deny/labels ConfigMap ml/bad: deny
ok labels: deny * other/*: pass
ok labels: warn * ml/bad: warn
ok labels: audit * ml/bad: audit
ok labels: deny * excused: pass
ok labels: warn * excused: warn
ok labels: registry * *: pass
ok labels: deny * ml/bad "team is missing": deny
ok labels: deny * ml/bad "is stale": pass
10 passed, 0 failed
`,
    stderr: '',
    exitCode: 0
  })
})

t.test('An expectation that is not met fails, and both results are shown', async t => {
  const test = `${head}results:
  - { policy: deny, name: good, result: deny }
  - { policy: deny, name: bad, result: pass }
  - { policy: warn, name: bad, result: deny }
  - { policy: deny, result: deny }
  - { policy: deny, result: pass }
  - { policy: deny, name: bad, message: is stale, result: deny }
  - { policy: deny, name: good, result: pass }
`
  const got =
    'labels metadata.labels[team]: the label team is missing; allowed: any non-empty value; fix: set the label team'
  t.same(await check(test), {
    stdout: `not ok first: deny * good: expected deny, got pass
not ok first: deny * bad: expected pass, got deny
  ${got}
not ok first: warn * bad: expected deny, got warn
  ${got}
not ok first: deny * *: expected deny, got pass, deny
  ${got}
  ${got}
not ok first: deny * *: expected pass, got pass, deny
  ${got}
  ${got}
not ok first: deny * bad "is stale": expected deny, got pass
ok first: deny * good: pass
1 passed, 6 failed
`,
    stderr: '',
    exitCode: 1
  })
})

t.test('A test that denies for another rule than it names fails, and shows that rule', async t => {
  const folder = new TestFolder({
    'mlgitops-test.yaml': `name: rules
policies: [p.yaml]
resources: [r.yaml]
results:
  - { policy: two, rule: teams, kind: batch/CronJob, name: nightly-, result: deny }
  - { policy: two, rule: ours, kind: batch/CronJob, name: nightly-, result: deny }
  - { policy: two, rule: ours, kind: apps/CronJob, result: deny }
`,
    'p.yaml': `apiVersion: mlgitops.io/v1alpha1
kind: ModelPolicy
metadata: { name: two }
spec:
  validationActions: [Deny]
  rules:
    - { name: teams, labels: { required: [{ key: team }] } }
    - { name: ours, images: { registries: [registry.example.com] } }
`,
    'r.yaml': `apiVersion: batch/v1
kind: CronJob
metadata: { generateName: nightly-, labels: { team: a } }
spec: { jobTemplate: { spec: { template: { spec: { containers: [{ image: "nginx:1" }] } } } } }
`
  })
  t.teardown(() => {
    folder.remove()
  })
  t.same(await folder.check('--test', '.'), {
    stdout: `not ok rules: two/teams batch/CronJob nightly-: expected deny, got pass
  another rule: ours spec.jobTemplate.spec.template.spec.containers[0].image: the image comes from a registry that is not allowed; found nginx:1 (docker.io/library/nginx); allowed: registry.example.com; fix: push the image to an allowed registry and reference it there
ok rules: two/ours batch/CronJob nightly-: deny
not ok rules: two/ours apps/CronJob *: resource not found
1 passed, 2 failed
`,
    stderr: '',
    exitCode: 1
  })
})

t.test('A policy, rule or object that does not exist never passes', async t => {
  const test = `${head}results:
  - { policy: nope, name: good, result: pass }
  - { policy: deny, rule: biasAudit, name: good, result: pass }
  - { policy: deny, name: nope, result: pass }
  - { policy: deny, kind: Secret, result: pass }
  - { policy: deny, namespace: nope, result: pass }
`
  t.same(await check(test), {
    stdout: `not ok first: nope * good: policy not found
not ok first: deny/biasAudit * good: rule not found in the policy
not ok first: deny * nope: resource not found
not ok first: deny Secret *: resource not found
not ok first: deny * nope/*: resource not found
0 passed, 5 failed
`,
    stderr: '',
    exitCode: 1
  })
})

t.test('A test that cannot run is a fault: exit code 1 and nothing on stdout', async t => {
  const results = 'results: [{ policy: deny, result: pass }]\n'
  const first = 'tests/first/mlgitops-test.yaml'
  const known = '"apiVersion", "kind", "name", "policies", "resources", "keys", "now", "results"'
  const invalid = (message: string, details = '', where = first) =>
    `${where}: ${message} [TEST_INVALID]\n${details}`
  const result = `${first}: results[0]`
  const list = 'must be a non-empty list of file names'
  const row = (text: string) => `${head}results: [${text}]\n`
  const unreadable = (file: string) =>
    `tests/first/${file}: the input cannot be read (ENOENT) [FILE_UNREADABLE]\n`
  const cases: readonly (readonly [string, string])[] = [
    ['', invalid('this is not a policy test', `  expected: one object with ${known}\n`)],
    ['[]', invalid('this is not a policy test', `  expected: one object with ${known}\n`)],
    [
      `${head}${results}---\n${head}${results}`,
      invalid('this is not a policy test', `  expected: one object with ${known}\n`)
    ],
    [
      `${head}${results}polices: []\n`,
      invalid('unknown field', `  found:    "polices"\n  expected: ${known}\n`)
    ],
    [
      `apiVersion: v1\n${head}${results}`,
      invalid('unknown apiVersion', '  expected: mlgitops.io/v1alpha1\n')
    ],
    [`kind: Test\n${head}${results}`, invalid('unknown kind', '  expected: PolicyTest\n')],
    [head, invalid('results must be a non-empty list')],
    [`${head}results: []\n`, invalid('results must be a non-empty list')],
    [`resources: [resources.yaml]\n${results}`, invalid(`policies ${list}`)],
    [`policies: [policies.yaml]\n${results}`, invalid(`resources ${list}`)],
    [`policies: []\nresources: [resources.yaml]\n${results}`, invalid(`policies ${list}`)],
    [`${head}keys: k.pub\n${results}`, invalid(`keys ${list}`)],
    [
      `${head}now: yesterday\n${results}`,
      invalid('now must be a time', '  expected: such as 2026-11-24T12:00:00Z\n')
    ],
    [`${head}now: 2026\n${results}`, invalid('now must be a string', '  found:    a number\n')],
    [row('deny'), invalid('this is not a result', '  expected: an object\n', result)],
    [row('{ result: pass }'), invalid('a result must name a policy', '', result)],
    [
      row('{ policy: deny, result: fail }'),
      invalid(
        'a result must have a known result',
        '  found:    "fail"\n  expected: one of pass, deny, warn, audit\n',
        result
      )
    ],
    [
      row('{ policy: deny, result: pass, nmae: bad }'),
      invalid(
        'unknown field',
        '  found:    "nmae"\n  expected: "policy", "result", "rule", "kind", "namespace", "name", "message"\n',
        result
      )
    ],
    [
      row('{ policy: deny, result: pass, name: 12 }'),
      invalid('name must be a string', '  found:    a number\n', result)
    ],
    [`policies: [nope.yaml]\nresources: [resources.yaml]\n${results}`, unreadable('nope.yaml')],
    [`policies: [policies.yaml]\nresources: [nope.yaml]\n${results}`, unreadable('nope.yaml')],
    [
      `policies: [resources.yaml]\nresources: [resources.yaml]\n${results}`,
      'tests/first/resources.yaml:2: this is not a policy [POLICY_KIND_UNKNOWN]\n  found:    ConfigMap\n  expected: ModelPolicy or PolicyException\n'
    ],
    [
      `${head}keys: [nope.pub]\n${results}`,
      '--keys nope.pub: the file cannot be read (ENOENT) [FILE_UNREADABLE]\n'
    ]
  ]
  for (const [test, message] of cases) {
    const found = await check(test)
    t.same(found, { stdout: '', stderr: `mlgitops: ${message}`, exitCode: 1 }, message)
  }
})

t.test('No test at all is a fault', async t => {
  const results = `${head}results: [{ policy: deny, name: good, result: pass }]\n`
  t.equal((await check(results)).stdout, 'ok first: deny * good: pass\n1 passed, 0 failed\n')
  t.match(await check(results, 'tests/first'), { exitCode: 0 })
  const none = (where: string) => ({
    stdout: '',
    stderr: `mlgitops: ${where}: no mlgitops-test.yaml was found [TEST_NONE]\n`,
    exitCode: 1
  })
  const file = 'tests/first/policies.yaml'
  t.same(await check(results, file), none(file))
  t.same(await check(results, 'nope'), {
    stdout: '',
    stderr: 'mlgitops: nope: the folder cannot be read (ENOENT) [FILE_UNREADABLE]\n',
    exitCode: 1
  })
  const empty = new TestFolder({ 'tests/other.yaml': results })
  t.teardown(() => {
    empty.remove()
  })
  t.same(await empty.check('--test', 'tests'), none('tests'))
})

t.test('Several tests are run in the order of their folders', async t => {
  const results = 'results: [{ policy: deny, name: bad, result: deny }]\n'
  const shared = 'policies: [../../policies.yaml]\nresources: [../../resources.yaml]\n'
  const folder = new TestFolder({
    'policies.yaml': files['policies.yaml'],
    'resources.yaml': files['resources.yaml'],
    'tests/b/mlgitops-test.yaml': shared + results,
    'tests/a/mlgitops-test.yaml': shared + results.replace('deny }', 'pass }')
  })
  t.teardown(() => {
    folder.remove()
  })
  const { stdout, exitCode } = await folder.check('--test', 'tests')
  t.equal(exitCode, 1)
  t.same(
    stdout.split('\n').filter(line => !line.startsWith(' ')),
    [
      'not ok a: deny * bad: expected pass, got deny',
      'ok b: deny * bad: deny',
      '1 passed, 1 failed',
      ''
    ]
  )
})
