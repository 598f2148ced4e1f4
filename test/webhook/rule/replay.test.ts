import { readFileSync } from 'node:fs'
import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { readYaml } from '../../../common/yaml/read.ts'
import { annotations } from '../../../evidence/annotations.ts'
import { buildPolicySet } from '../../../webhook/policy/policy-set.ts'
import { faultText } from '../../fault-text.ts'
import { annotated, attested, commit, facts, job, modelCommit } from '../attested.ts'
import type { SaidFacts } from '../attested.ts'
import { at, judge, policy } from '../judged.ts'

t.test('notBefore refuses a commit that is older, or has no date', t => {
  const committed = (committedAt: string, notBefore: string) => {
    const source = { ...facts.source, committedAt }
    return judge({ provenance: { notBefore } }, attested(job, { ...facts, source }))
  }
  const time = '2026-11-02T09:00:00Z'
  t.same(committed(time, time), [])
  t.same(committed(time, '2026-11-02T10:00:00+01:00'), [])
  t.same(committed(time, '2026-11-02T08:59:59.999Z'), [])
  t.same(committed(time, '2026-11-02T09:00:01Z'), [
    `${at}: commit ${commit} was committed too early; found 2026-11-02T09:00:00Z; allowed: 2026-11-02T09:00:01Z or later; fix: deploy a later commit`
  ])
  t.equal(committed(time, '2026-11-02T09:00:00.001Z').length, 1)
  t.same(judge({ provenance: { notBefore: '2000-01-01T00:00:00Z' } }, attested()), [
    `${at}: the attestation does not say when its commit was committed; allowed: 2000-01-01T00:00:00Z or later; fix: render from a Git repository, so that the commit has a date`
  ])
  t.end()
})

t.test('forbiddenCommits refuses what is rendered, made or pinned by one of them', t => {
  const refused = (forbiddenCommits: readonly string[], said: SaidFacts = facts) =>
    judge({ provenance: { forbiddenCommits } }, attested(job, said))
  const forbidden = (what: string, found: string, id: string) =>
    `${at}: ${what} is forbidden by this policy; found ${found}; allowed: not ${id}; fix: deploy a commit that is not forbidden`
  t.same(refused(['a'.repeat(40), `${'c'.repeat(39)}d`]), [])
  t.same(refused([commit]), [forbidden('the rendered commit', commit, commit)])
  t.same(refused(['a'.repeat(7), 'd'.repeat(7)]), [
    forbidden('the commit of the model', modelCommit, 'd'.repeat(7))
  ])
  const tag = 'eeeeeee'
  const pin = { tag, commit: 'e'.repeat(40), isAncestor: true, sameSources: true }
  t.same(refused(['e'.repeat(40)], { ...facts, pins: [pin] }), [
    forbidden('the commit that eeeeeee names', 'e'.repeat(40), 'e'.repeat(40))
  ])
  const one = { ...facts, source: { ...facts.source, modelCommit: commit } }
  const object = annotated(attested(job, one), { [annotations.modelCommit]: commit })
  t.same(
    judge({ provenance: { forbiddenCommits: [commit] } }, object),
    [forbidden('the rendered commit', commit, commit)],
    'once'
  )
  t.end()
})

t.test('a policy whose words cannot be meant is refused', t => {
  const said = (provenance: JsonObject) =>
    faultText(() => buildPolicySet([{ value: policy({ provenance }), where: 'p.yaml:1' }], []))
  const refused = (line: string) =>
    `p.yaml:1: the policy cannot be used:\n  ${line} [POLICY_INVALID]`
  const field = 'spec.rules[0].provenance'
  t.same(
    said({
      binds: 'object',
      allowChanges: ['/spec/a~1b/0/~0'],
      notBefore: '2026-11-02T09:00:00+01:00'
    }),
    'no fault'
  )
  t.match(said({ binds: 'all' }), `${field}.binds: expected runs or object, found`)
  const cases: readonly (readonly [JsonObject, string])[] = [
    [
      { allowChanges: ['spec.replicas'] },
      `${field}.allowChanges[0]: expected a JSON Pointer (/spec/replicas), found a string`
    ],
    [
      { allowChanges: [''] },
      `${field}.allowChanges[0]: expected a JSON Pointer (/spec/replicas), found a string`
    ],
    [
      { allowChanges: ['/a~2'] },
      `${field}.allowChanges[0]: expected a JSON Pointer (/spec/replicas), found a string`
    ],
    [
      { notBefore: '2026-11-02' },
      `${field}.notBefore: expected an RFC 3339 time (2026-11-02T09:00:00Z), found a string`
    ],
    [
      { notBefore: '2026-02-30T09:00:00Z' },
      'rule provenance: notBefore is 2026-02-30T09:00:00Z, which is not a time that exists'
    ],
    [
      { forbiddenCommits: ['main'] },
      `${field}.forbiddenCommits[0]: expected a commit (7 to 64 lowercase hexadecimal digits), found a string`
    ],
    [
      { forbiddenCommits: ['abcdef'] },
      `${field}.forbiddenCommits[0]: expected a commit (7 to 64 lowercase hexadecimal digits), found a string`
    ]
  ]
  for (const [provenance, line] of cases) t.equal(said(provenance), refused(line))
  t.end()
})

t.test('the policy of docs/binding.md can be read', t => {
  const page = readFileSync('docs/binding.md', 'utf8')
  const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(page) ?? []
  const [document] = readYaml(yaml, { file: 'docs/binding.md' })
  const { policies } = buildPolicySet([{ value: document?.value ?? null, where: 'docs' }], [])
  t.same(
    policies.map(({ name }) => name),
    ['as-rendered']
  )
  t.end()
})
