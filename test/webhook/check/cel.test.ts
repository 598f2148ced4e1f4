import t from 'tap'
import { configMap, TestFolder } from './folder.ts'

const policy = (rule: string) => `apiVersion: mlgitops.io/v1alpha1
kind: ModelPolicy
metadata: { name: names }
spec:
  validationActions: [Deny]
  matchConstraints: { kinds: [{ apiGroups: [""], kinds: [ConfigMap] }] }
  rules:
    - cel:
        ${rule}
`

const named = policy(`variables: [{ name: name, expression: object.metadata.name }]
        validations:
          - expression: variables.name.matches("^[a-c]+$")
            messageExpression: '"the name is " + variables.name'
            field: metadata.name`)

const endless = policy(`validations:
          - expression: object.data.l.split("").all(a, object.data.l.split("").all(b, a == b))`)

t.test('check evaluates expressions and reports what the webhook would', async t => {
  const folder = new TestFolder({
    'policies/p.yaml': named,
    'endless/p.yaml': endless,
    'all.yaml': configMap('abc') + configMap('xyz'),
    'long.yaml': `${configMap('abc')}data: { l: ${'x'.repeat(100_000)} }\n`,
    'tests/mlgitops-test.yaml': `apiVersion: mlgitops.io/v1alpha1
kind: PolicyTest
name: names
policies: [../policies/p.yaml]
resources: [../all.yaml]
results:
  - { policy: names, name: abc, result: pass }
  - { policy: names, rule: cel, name: xyz, message: the name is xyz, result: deny }
  - { policy: names, name: xyz, result: pass }
`
  })
  t.teardown(() => {
    folder.remove()
  })
  const judged = await folder.check('all.yaml', '--policies', 'policies', '--output', 'json')
  t.same([judged.exitCode, judged.stderr], [1, ''])
  t.same(JSON.parse(judged.stdout), {
    summary: { checked: 2, denied: 1, warned: 0, policiesApplied: 1 },
    results: [
      {
        policy: 'names',
        rule: 'cel',
        action: 'Deny',
        object: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ml', name: 'xyz' },
        field: 'metadata.name',
        message: 'the name is xyz'
      }
    ]
  })
  const late = await folder.check('long.yaml', '--policies', 'endless')
  t.equal(late.exitCode, 1)
  t.match(late.stdout, 'the expressions took longer than 1000 ms')
  const tested = await folder.check('--test', 'tests')
  t.equal(tested.exitCode, 1)
  t.match(tested.stdout, /\n2 passed, 1 failed\n$/)
})

t.test('An invalid expression is refused with its line and column', async t => {
  const refused = async (rule: string) => {
    const folder = new TestFolder({ 'p/p.yaml': policy(rule), 'a.yaml': configMap('abc') })
    try {
      const { stdout, stderr, exitCode } = await folder.check('a.yaml', '--policies', 'p')
      t.same([stdout, exitCode], ['', 1])
      return stderr
    } finally {
      folder.remove()
    }
  }
  t.equal(
    await refused('validations: [{ expression: "object.a ==\\n  foo" }]'),
    `mlgitops: p/p.yaml:1: rule cel: validations[0].expression, line 2, column 3: foo is not defined (known: variables.NAME, object, oldObject, request, attestation) [POLICY_INVALID]\n`
  )
  t.equal(
    await refused('validations: [{ expression: "object.?a.orValue(1) == 1" }]'),
    `mlgitops: p/p.yaml:1: rule cel: validations[0].expression, line 1, column 7: found . but expecting end of input [POLICY_INVALID]
  remedy:   optionals (.?, [?, orValue) are not supported: use has(), as in has(object.a) ? object.a : 0\n`
  )
  for (const rule of [
    'validations: []',
    'validations: [{ expresion: "true" }]',
    'validations: [{ expression: "" }]',
    `validations: [{ expression: "${'1+'.repeat(2_048)}1" }]`,
    'variables: [{ name: a-b, expression: "1" }]'
  ]) {
    t.match(await refused(rule), /\[POLICY_INVALID\]/, rule.slice(0, 50))
  }
})
