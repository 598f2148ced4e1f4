import t from 'tap'
import { configMap, policy, TestFolder } from './folder.ts'

t.test('Policies are read from files and folders, each named', async t => {
  const folder = new TestFolder({
    'a.yaml': policy('Deny', 'a'),
    'b.policies': policy('Warn', 'b'),
    'folder/c.yml': policy('Audit', 'c'),
    'bad.yaml': configMap('bad')
  })
  t.teardown(() => {
    folder.remove()
  })
  const applied = async (...names: readonly string[]) => {
    const args = names.flatMap(name => ['--policies', name])
    const { stdout, stderr } = await folder.check('bad.yaml', ...args)
    return stderr === '' ? stdout.match(/(?<=^ {2})\w+ \w+/gm) : stderr
  }
  t.same(await applied('a.yaml'), ['Deny a'])
  t.same(await applied('b.policies'), ['Warn b'], 'a file that is named needs no suffix')
  t.same(await applied('folder', 'a.yaml', 'b.policies'), ['Deny a', 'Warn b', 'Audit c'])
  t.match(await applied('a.yaml', 'a.yaml'), /^mlgitops: a\.yaml:2: the policy a is defined twice/)
  t.match(await applied('bad.yaml'), /^mlgitops: bad\.yaml:2: this is not a policy/)
})

t.test('An object in a kustomization.yaml is judged, and what kustomize reads is not', async t => {
  const folder = new TestFolder({
    'policies/kustomization.yaml': `resources: [p.yaml]\n${policy('Deny', 'hidden')}`,
    'policies/p.yaml': policy('Warn', 'plain'),
    'm/good.yaml': configMap('good', 'a'),
    'm/a/kustomization.yaml': `resources: [x.yaml]\n${configMap('hidden')}`,
    'm/b/kustomization.yml': `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${configMap('second')}`,
    'm/c/kustomization.yaml': configMap('only'),
    'm/d/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n',
    'm/e/kustomization.yaml': 'kind: Kustomization\nnamePrefix: a-\n',
    'm/f/kustomization.yaml': '# nothing\n'
  })
  t.teardown(() => {
    folder.remove()
  })
  const args = ['m', '--policies', 'policies', '--output', 'json']
  const { stdout, stderr } = await folder.check(...args)
  t.equal(stderr, '')
  const { summary, results } = JSON.parse(stdout) as {
    readonly summary: { readonly checked: number }
    readonly results: readonly { readonly policy: string; readonly object: { name: string } }[]
  }
  t.equal(summary.checked, 4)
  t.same(
    results.map(({ policy: by, object }) => `${by} ${object.name}`),
    ['hidden', 'second', 'only'].flatMap(name => [`hidden ${name}`, `plain ${name}`])
  )
  t.match(
    (await folder.check('m/d', '--policies', 'policies')).stderr,
    'm/d: there is nothing to check [MANIFEST_NONE]'
  )
  const listed = new TestFolder({
    'policies/p.yaml': policy(),
    'kustomization.yaml': 'items: [{ kind: Pod }]\n'
  })
  t.teardown(() => {
    listed.remove()
  })
  t.match(
    (await listed.check('.', '--policies', 'policies')).stderr,
    'kustomization.yaml:1: this is not a Kubernetes object [MANIFEST_INVALID]'
  )
})

t.test('The error for a wrong word of a policy names its line, in a list too', async t => {
  const wrong = (spec: string) => `apiVersion: mlgitops.io/v1alpha1
kind: ModelPolicy
metadata: { name: p }
spec:
${spec}`
  const rules = '  rules: [{ labels: { required: [{ key: team }] } }]\n'
  const folder = new TestFolder({
    'm.yaml': configMap('m'),
    'word.yaml': wrong(`  validationActions:\n    - Deny\n    - Block\n${rules}`),
    'second.yaml': `${policy()}---\n${wrong(`  validationActions: [Deny]\n  matchConstraints:\n    roles: [train, serving]\n${rules}`)}`,
    'list.yaml': `kind: List
apiVersion: v1
items:
  - apiVersion: mlgitops.io/v1alpha1
    kind: ModelPolicy
    metadata: { name: p }
    spec:
      validationActions: [Deny]
      rules:
        - biasAudit:
            level: perfect
            covers: artifacts
            "a/b~c": 1
`,
    'exception.yaml': `${policy()}---
apiVersion: mlgitops.io/v1alpha1
kind: PolicyException
metadata: { name: e, namespace: ml }
spec:
  policies: [{ name: p }]
  objects:
    - namespaces: [ml]
      names: [x]
  reason: short
  expiresAt: "2026-12-01T00:00:00Z"
`
  })
  t.teardown(() => {
    folder.remove()
  })
  const refusal = async (name: string) => {
    const args = ['m.yaml', '--policies', name, '--exception-namespace', 'ml']
    return (await folder.check(...args)).stderr
  }
  t.equal(
    await refusal('word.yaml'),
    `mlgitops: word.yaml:1: the policy cannot be used:
  spec.validationActions[1]: expected Deny, Warn or Audit, found "Block" (line 7) [POLICY_INVALID]
`
  )
  t.equal(
    await refusal('second.yaml'),
    `mlgitops: second.yaml:10: the policy cannot be used:
  spec.matchConstraints.roles[1]: expected train, serve, pipeline or run, found "serving" (line 16) [POLICY_INVALID]
`
  )
  t.match(
    await refusal('list.yaml'),
    `mlgitops: list.yaml:1: the policy cannot be used:
  spec.rules[0].biasAudit.a/b~c: not a known field; known are "level", "covers", "supportingImages", "maxAgeDays", "independent", "minimumGroupSize", "attributes", "bounds" (line 13)
  spec.rules[0].biasAudit.level: expected present or valid, found "perfect" (line 11)
  spec.rules[0].biasAudit.covers: expected a list of artifacts and sources, found a string (line 12) [POLICY_INVALID]
`
  )
  t.equal(
    await refusal('exception.yaml'),
    `mlgitops: exception.yaml:10: the exception cannot be used:
  spec.objects[0].kinds: expected a list of kinds, found nothing (line 16)
  spec.reason: expected a string of 10 to 500 characters, found a string (line 18) [EXCEPTION_INVALID]
`
  )
})
