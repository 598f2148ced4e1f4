import t from 'tap'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { fits } from '../../../webhook/policy/pattern.ts'
import { buildPolicySet } from '../../../webhook/policy/policy-set.ts'
import { faultText } from '../../fault-text.ts'
import { policy } from '../judged.ts'

function refused(value: JsonValue, exceptionNamespaces: readonly string[] = []): string {
  return faultText(() => buildPolicySet([{ value, where: 'p.yaml:1' }], exceptionNamespaces))
}

function exception(spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'PolicyException',
    metadata: { name: 'churn', namespace: 'exceptions' },
    spec: {
      policies: [{ name: 'require-labels' }],
      objects: [{ kinds: ['Job'], namespaces: ['ml'], names: ['train-*'] }],
      reason: 'migration until December',
      expiresAt: '2026-12-01T00:00:00Z',
      ...spec
    }
  }
}

t.test(
  'A policy that asks for nothing, or for what can never be met, is refused with each reason',
  t => {
    const cases: readonly (readonly [JsonObject, string])[] = [
      [
        { name: 'ours' },
        'spec.rules[0]: expected exactly one of biasAudit, provenance, images, artifacts, resources, labels, schema, cel, found none'
      ],
      [
        { biasAudit: {}, provenance: {} },
        'spec.rules[0]: expected exactly one of biasAudit, provenance, images, artifacts, resources, labels, schema, cel, found biasAudit, provenance'
      ],
      [{ images: {} }, 'rule images: expected registries, pinnedBy or forbiddenTags'],
      [
        { name: 'ours', images: { registries: ['ghcr.io', 'https://ghcr.io'] } },
        'rule ours: https://ghcr.io is not a registry prefix (HOST or HOST/PATH)'
      ],
      [
        { artifacts: { locations: ['s3://models', 'models/%2e'] } },
        'rule artifacts: models/%2e is not a location (SCHEME://PATH, nothing escaped)'
      ],
      ...['models', '/models', 'x s3://a', '1s3://a', 's3:/a', 's3://a/..', 's3://a b'].map(
        location =>
          [
            { artifacts: { locations: [location] } },
            `rule artifacts: ${location} is not a location (SCHEME://PATH, nothing escaped)`
          ] as const
      ),
      [{ resources: {} }, 'rule resources: expected requests or limits'],
      [
        { biasAudit: { bounds: [{ metric: 'demographic_parity_ratio' }] } },
        'rule biasAudit: the bound of demographic_parity_ratio has neither min nor max'
      ],
      [
        { biasAudit: { supportingImages: ['docker.io/envoyproxy', 'envoy'] } },
        'rule biasAudit: envoy is not a registry prefix (HOST or HOST/PATH)'
      ]
    ]
    for (const [rule, reason] of cases) {
      t.equal(
        refused(policy(rule)),
        `p.yaml:1: the policy cannot be used:\n  ${reason} [POLICY_INVALID]`
      )
    }
    const both = {
      rules: [
        { name: 'a', images: {} },
        { name: 'b', resources: {} }
      ]
    }
    t.equal(
      refused(policy({}, both)),
      'p.yaml:1: the policy cannot be used:\n' +
        '  rule a: expected registries, pinnedBy or forbiddenTags\n' +
        '  rule b: expected requests or limits [POLICY_INVALID]'
    )
    t.end()
  }
)

t.test('An unknown field is refused, never ignored', t => {
  const cases: readonly (readonly [JsonObject, string])[] = [
    [policy({ biasAudit: { maxAge: 3 } }), 'spec.rules[0].biasAudit'],
    [policy({ biasAudit: { covers: [] } }), 'spec.rules[0].biasAudit.covers'],
    [policy({ biasAudit: { covers: ['commit'] } }), 'spec.rules[0].biasAudit.covers[0]'],
    [policy({ labels: { required: [] } }, { validationActions: ['deny'] }), 'validationActions'],
    [policy({ provenance: {} }, { matchConstraint: {} }), 'matchConstraint'],
    [policy({ provenance: {} }, { matchConstraints: { roles: ['robot'] } }), 'roles'],
    [policy({ provenance: {} }, { rules: [] }), 'rules'],
    [policy({ provenance: {} }, { matchConstraints: { roles: [] } }), 'roles'],
    [policy({ provenance: {} }, { matchConstraints: { kinds: [] } }), 'kinds'],
    [policy({ provenance: {} }, { matchConstraints: { operations: [] } }), 'operations'],
    [policy({ provenance: {} }, { validationActions: [] }), 'validationActions'],
    [{ ...policy({ provenance: {} }), apiVersion: 'mlgitops.io/v1' }, 'apiVersion']
  ]
  for (const [object, mentioned] of cases) {
    t.match(refused(object), /\[POLICY_INVALID\]$/, mentioned)
    t.match(refused(object), mentioned)
  }
  t.equal(refused({ ...policy({ provenance: {} }), status: { conditions: [] } }), 'no fault')
  t.end()
})

t.test('An invalid expression is refused with its place', t => {
  t.equal(
    refused(policy({ cel: { validations: [{ expression: 'true' }, { expression: 'object.' }] } })),
    'p.yaml:1: rule cel: validations[1].expression, line 1, column 7: found . but expecting end of input [POLICY_INVALID]'
  )
  t.end()
})

t.test('An invalid schema is refused with its place', t => {
  for (const schema of [{ type: 'strin' }, { pattern: '(' }, { pattern: 'a(?=b)' }]) {
    t.match(refused(policy({ schema: { schema } })), /^p\.yaml:1: .* \[POLICY_INVALID\]/s)
  }
  t.equal(
    refused(policy({ schema: { schema: { $ref: 'https://example.com/x' } } })),
    "p.yaml:1: rule schema: the schema cannot be used: can't resolve reference https://example.com/x from id # [POLICY_INVALID]"
  )
  const unique = {
    items: { anyOf: [{ properties: { list: { uniqueItems: true } } }, {}], type: 'array' }
  }
  t.equal(
    refused(policy({ schema: { schema: unique } })),
    'p.yaml:1: rule schema: the schema cannot be used: uniqueItems takes quadratic time [POLICY_INVALID]'
  )
  const named = { properties: { uniqueItems: { type: 'boolean' } } }
  t.equal(refused(policy({ schema: { schema: named } })), 'no fault')
  t.end()
})

t.test('A set orders policies by name, expands lists, and refuses other kinds', t => {
  const named = (name: string) => ({ ...policy({ provenance: {} }), metadata: { name } })
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: [named('b'), { apiVersion: 'v1', kind: 'ModelPolicyList', items: [named('a')] }]
  }
  const set = buildPolicySet([{ value: list, where: 'p' }], [])
  t.same(
    set.policies.map(({ name }) => name),
    ['a', 'b']
  )
  t.equal(
    refused({ kind: 'List', items: [named('a'), named('a')] }),
    'p.yaml:1: the policy a is defined twice [POLICY_DUPLICATE]'
  )
  const unknown = (found: string) =>
    `p.yaml:1: this is not a policy [POLICY_KIND_UNKNOWN]\n  found:    ${found}\n  expected: ModelPolicy or PolicyException`
  t.equal(refused({ kind: 'ConfigMap' }), unknown('ConfigMap'))
  t.equal(refused('text'), unknown('an object without a kind'))
  t.equal(refused([]), unknown('an object without a kind'))
  t.end()
})

t.test('An exception is accepted only in an allowed namespace, with a reason and an expiry', t => {
  const notAllowed = (expected: string) =>
    `p.yaml:1: exceptions in this namespace are not accepted [EXCEPTION_NOT_ALLOWED]\n  found:    exceptions\n  expected: ${expected}`
  t.equal(refused(exception()), notAllowed('none; see --exception-namespace'))
  t.equal(refused(exception(), ['a', 'b']), notAllowed('a, b'))
  t.equal(refused(exception(), ['exceptions']), 'no fault')
  const broken = [
    { reason: '' },
    { expiresAt: 'soon' },
    { expiresAt: '2026-13-01T00:00:00Z' },
    { expiresAt: '2027-02-30T00:00:00+01:00' },
    { policies: [] },
    { objects: [] },
    { objects: [{ kinds: ['*'], namespaces: [], names: ['*'] }] },
    { forever: true }
  ]
  for (const spec of broken) {
    t.match(
      refused(exception(spec), ['exceptions']),
      /^p\.yaml:1: the exception cannot be used:\n {2}spec.*\[EXCEPTION_INVALID\]$/s,
      JSON.stringify(spec)
    )
  }
  t.equal(
    refused(exception({ reason: '', policies: [] }), ['exceptions']),
    'p.yaml:1: the exception cannot be used:\n' +
      '  spec.policies: expected a list of 1 to 32 policies, found a list\n' +
      '  spec.reason: expected a string of 10 to 500 characters, found a string [EXCEPTION_INVALID]'
  )
  t.end()
})

t.test('A pattern matches whole texts, and * never matches a slash', t => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['', '', true],
    ['a', 'a', true],
    ['a', 'ab', false],
    ['a', 'ba', false],
    ['*', '', true],
    ['*', 'abc', true],
    ['*', 'a/b', false],
    ['**', 'a/b', true],
    ['a*', 'a', true],
    ['a*', 'ba', false],
    ['*a', 'ba', true],
    ['*a', 'ab', false],
    ['a*c', 'abbc', true],
    ['a*c', 'ab/c', false],
    ['a/*/c', 'a/b/c', true],
    ['a/*/c', 'a/b/b/c', false],
    ['a/**/c', 'a/b/b/c', true],
    ['a*a', 'a', false],
    ['a*a*a', 'aaaa', true],
    ['a.c', 'abc', false],
    ['(a|b)+', 'a', false],
    ['**', 'a'.repeat(2_000), true],
    ['**', 'a'.repeat(2_001), false]
  ]
  for (const [pattern, text, expected] of cases) {
    t.equal(fits(pattern, text), expected, `${pattern} ${text.slice(0, 20)}`)
  }
  t.end()
})
