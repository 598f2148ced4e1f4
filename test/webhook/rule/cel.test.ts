import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import type { CelEvaluator, CelAnswer } from '../../../webhook/cel/evaluator.ts'
import { compileProgram } from '../../../webhook/cel/program.ts'
import { describeFinding } from '../../../webhook/decision.ts'
import type { Decision } from '../../../webhook/decision.ts'
import { evaluateWithCel } from '../../../webhook/evaluate.ts'
import type { CelOptions } from '../../../webhook/policy/model-policy.ts'
import { buildPolicySet } from '../../../webhook/policy/policy-set.ts'
import { buildSubject, subjectOfManifest } from '../../../webhook/subject/subject.ts'
import type { Subject } from '../../../webhook/subject/subject.ts'
import { attested, commit, facts, fairAudit, job, modelCommit, trustedKey } from '../attested.ts'
import { context, policy } from '../judged.ts'

/** Evaluates in this process, and records the requested rules. */
function evaluator(judge: (rule: CelOptions) => CelAnswer | undefined = () => undefined) {
  const asked: string[] = []
  const here: CelEvaluator = {
    evaluate: (rules, bindings) => {
      const answers = rules.map((rule): CelAnswer => {
        asked.push(rule.validations[0]?.expression ?? '')
        return judge(rule) ?? { kind: 'judged', findings: compileProgram(rule)(bindings) }
      })
      return Promise.resolve(answers)
    }
  }
  return { here, asked }
}

function cel(expression: string): JsonObject {
  return { cel: { validations: [{ expression }] } }
}

async function says(expression: string, subject: Subject): Promise<string> {
  const set = buildPolicySet([{ value: policy(cel(expression)), where: 'p' }], [])
  const decision = await evaluateWithCel(subject, set, context, { evaluator: evaluator().here })
  return decision.violations.map(describeFinding).join('\n') || decision.kind
}

t.test('Expressions see the object, the request and what was attested', async t => {
  const manifest = subjectOfManifest(attested())
  const updated = buildSubject({
    ...manifest,
    operation: 'UPDATE',
    oldObject: { spec: { suspend: true } },
    subResource: 'resize',
    requester: { username: 'jane', groups: ['dev', 'ops'] }
  })
  const { modelCommit: named, ...unnamed } = fairAudit
  t.equal(named, modelCommit)
  const modelDigest = `sha256:${'1'.repeat(64)}`
  const biasAudit = { ...unnamed, modelDigest }
  const source = { ...facts.source, modelDigest }
  const ofFiles = subjectOfManifest(attested(job, { ...facts, source, biasAudit }))
  const cases: readonly (readonly [string, Subject])[] = [
    [`attestation.modelDigest == "${modelDigest}"`, ofFiles],
    ['attestation.biasAudit.modelDigest == attestation.modelDigest', ofFiles],
    ['!has(attestation.biasAudit.modelCommit) && has(attestation.modelCommit)', ofFiles],
    ['has(attestation.modelDigest) && !has(attestation.biasAudit.modelDigest)', manifest],
    ['attestation.pins == [] && !has(attestation.registry)', manifest],
    ['object.metadata.name == "train" && oldObject == null', manifest],
    ['request.operation == "CREATE" && request.subResource == ""', manifest],
    ['request.userInfo.username == "" && request.userInfo.groups == []', manifest],
    ['request.namespace == "ml" && request.name == "train"', manifest],
    ['request.kind == {"group": "batch", "version": "v1", "kind": "Job"}', manifest],
    ['oldObject.spec.suspend && !has(object.spec.suspend)', updated],
    ['request.operation == "UPDATE" && request.subResource == "resize"', updated],
    ['request.userInfo.groups.exists(g, g == "ops")', updated],
    [`attestation.commit == "${commit}" && attestation.modelCommit == "${modelCommit}"`, manifest],
    [`attestation.keyId == "${trustedKey.id}" && attestation.model == "churn"`, manifest],
    [`attestation.images == ["${facts.images[0] ?? ''}"] && attestation.models == []`, manifest],
    ['attestation.targetRevision == "main" && attestation.environment == "production"', manifest],
    ['attestation.path == "models/churn" && attestation.evidence == []', manifest],
    ['attestation.repository.startsWith("https://git.example.com/acme/")', manifest],
    ['attestation.biasAudit.auditor.independent', manifest],
    [
      '!has(attestation.findings) && !has(attestation.source) && !has(attestation.kind) && !has(attestation.version)',
      manifest
    ],
    ['attestation == null', subjectOfManifest(job)]
  ]
  for (const [expression, subject] of cases) {
    t.equal(await says(expression, subject), 'allowed', expression)
  }
  const forged = {
    ...attested(),
    spec: { template: { spec: { containers: [{ image: 'evil' }] } } }
  }
  t.equal(await says('attestation == null', subjectOfManifest(forged)), 'allowed')
})

t.test('Only rules that select the object are evaluated, denying rules first', async t => {
  const named = (name: string, value: JsonObject) => {
    return { value: { ...value, metadata: { name } }, where: name }
  }
  const set = buildPolicySet(
    [
      named('a', policy(cel('false'), { validationActions: ['Warn'] })),
      named('b', policy(cel('1 == 1 && false'))),
      named('c', policy(cel('true'), { matchConstraints: { roles: ['serve'] } })),
      named('d', policy({ labels: { required: [{ key: 'never' }] } }))
    ],
    []
  )
  const { here, asked } = evaluator()
  const subject = subjectOfManifest(job)
  const decision = await evaluateWithCel(subject, set, context, { evaluator: here })
  t.same(asked, ['1 == 1 && false', 'false'])
  t.same(
    decision.violations.map(({ policy, rule, problem }) => [policy, rule, problem]),
    [
      ['b', 'cel', 'the expression is false: 1 == 1 && false'],
      ['d', 'labels', 'the label never is missing'],
      ['a', 'cel', 'the expression is false: false']
    ]
  )
})

t.test(
  'A rule that was not evaluated is a violation; a rule that does not select the object is not',
  async t => {
    const set = buildPolicySet(
      [{ value: policy(cel('true'), { rules: [cel('true'), cel('1 == 1')] }), where: 'p' }],
      []
    )
    const subject = subjectOfManifest(job)
    const problems = async (here: CelEvaluator) => {
      const decision = await evaluateWithCel(subject, set, context, { evaluator: here })
      return [decision.kind, ...decision.violations.map(({ field, problem }) => [field, problem])]
    }
    t.same(await problems(evaluator().here), ['allowed'])
    const failed = evaluator(() => ({ kind: 'failed', reason: 'it is late' }))
    t.same(await problems(failed.here), ['denied', ['Job', 'it is late'], ['Job', 'it is late']])
    const short = { evaluate: () => Promise.resolve([{ kind: 'judged', findings: [] } as const]) }
    t.same(await problems(short), ['denied', ['Job', 'the expressions were not evaluated']])
    const long = evaluator().here
    const more: CelEvaluator = {
      evaluate: async (rules, bindings) => [
        ...(await long.evaluate(rules, bindings)),
        { kind: 'failed', reason: 'of nothing' }
      ]
    }
    t.same(await problems(more), ['allowed'])
    await t.rejects(
      async () => problems({ evaluate: () => Promise.reject(new Error('busy')) }),
      { message: 'busy' },
      'it is never allowed for want of an answer'
    )
  }
)

t.test(
  'Without a CEL rule the decision is synchronous; exemptions and exceptions apply',
  async t => {
    const { here, asked } = evaluator()
    const decide = (subject: Subject, exceptions: readonly JsonObject[] = []) => {
      const sources = [policy(cel('false')), ...exceptions].map(value => ({ value, where: 'p' }))
      return evaluateWithCel(subject, buildPolicySet(sources, ['ml']), context, { evaluator: here })
    }
    const exempt = buildSubject({ ...subjectOfManifest(job), subResource: 'status' })
    t.match(decide(exempt), { kind: 'allowed', exemption: /^subresource status/ })
    t.same(asked, [])
    const exception = {
      apiVersion: 'mlgitops.io/v1alpha1',
      kind: 'PolicyException',
      metadata: { name: 'e', namespace: 'ml' },
      spec: {
        policies: [{ name: 'p' }],
        objects: [{ kinds: ['Job'], namespaces: ['ml'], names: ['train'] }],
        reason: 'until the team has moved',
        expiresAt: '2026-12-01T00:00:00Z'
      }
    }
    const decision: Decision = await decide(subjectOfManifest(job), [exception])
    t.match(decision, { kind: 'allowed', violations: [], exempted: [{ exception: 'ml/e' }] })
  }
)
