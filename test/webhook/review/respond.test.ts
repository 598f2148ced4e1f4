import fc from 'fast-check'
import t from 'tap'
import type { Decision, Violation } from '../../../webhook/decision.ts'
import { printable, printableFinding } from '../../../webhook/printable.ts'
import { encodeResponse, respond } from '../../../webhook/review/respond.ts'
import { takeAnswer } from '../api-server.ts'

const object = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  namespace: 'ml',
  name: 'train',
  generateName: ''
}
const missing: Violation = {
  policy: 'require-bias-audit',
  rule: 'biasAudit',
  actions: ['Deny', 'Audit'],
  field: 'metadata.annotations[mlgitops.io/attestation]',
  problem: 'no bias audit is proven',
  found: 'none',
  allowed: 'an audit of at most 365 days',
  fix: 'commit bias_audit.md'
}
const unpinned: Violation = {
  policy: 'commit-pinned-images',
  rule: 'images',
  actions: ['Deny'],
  field: 'spec.template.spec.containers[0].image',
  problem: 'the image is not pinned'
}
const unlabelled: Violation = {
  policy: 'require-labels',
  rule: 'labels',
  actions: ['Warn'],
  field: 'metadata.labels[team]',
  problem: 'the label is missing',
  found: 'no\nlabel \u001b[31m'
}

function outcome(decision: Decision) {
  return takeAnswer('u', { status: 200, body: encodeResponse('u', decision) })
}

t.test('A denial names every violation of every policy, for people and for programs', t => {
  const decision: Decision = {
    kind: 'denied',
    object,
    policies: [],
    violations: [missing, unpinned, unlabelled],
    exempted: [{ violation: unlabelled, exception: 'exceptions/churn' }],
    provenance: { keyId: 'k', version: 'v1alpha2', commit: 'c', modelCommit: 'm' }
  }
  t.same(outcome(decision), {
    kind: 'denied',
    code: 403,
    reason: 'Forbidden',
    message: [
      'admission webhook "policies.mlgitops.io" denied the request: 2 violations by batch/Job ml/train',
      '- require-bias-audit (biasAudit): no bias audit is proven',
      '    field:   metadata.annotations[mlgitops.io/attestation]',
      '    found:   none',
      '    allowed: an audit of at most 365 days',
      '    fix:     commit bias_audit.md',
      '- commit-pinned-images (images): the image is not pinned',
      '    field:   spec.template.spec.containers[0].image'
    ].join('\n'),
    details: {
      name: 'train',
      group: 'batch',
      kind: 'Job',
      causes: [
        {
          reason: 'require-bias-audit/biasAudit',
          message:
            'no bias audit is proven; found none; allowed: an audit of at most 365 days; fix: commit bias_audit.md',
          field: 'metadata.annotations[mlgitops.io/attestation]'
        },
        {
          reason: 'commit-pinned-images/images',
          message: 'the image is not pinned',
          field: 'spec.template.spec.containers[0].image'
        }
      ]
    },
    warnings: ['require-labels: metadata.labels[team]: the label is missing; found no�label �[31m'],
    annotations: {
      'policies.mlgitops.io/decision': 'denied',
      'policies.mlgitops.io/denied-by': 'require-bias-audit/biasAudit commit-pinned-images/images',
      'policies.mlgitops.io/warned-by': 'require-labels/labels',
      'policies.mlgitops.io/audited-by': 'require-bias-audit/biasAudit',
      'policies.mlgitops.io/exceptions': 'exceptions/churn',
      'policies.mlgitops.io/commit': 'c',
      'policies.mlgitops.io/model-commit': 'm',
      'policies.mlgitops.io/key-id': 'k'
    },
    dropped: []
  })
  t.end()
})

t.test('An allowed object has no message, only its annotations', t => {
  const allowed: Decision = { kind: 'allowed', object, policies: [], violations: [], exempted: [] }
  t.same(respond('u', allowed), {
    uid: 'u',
    allowed: true,
    auditAnnotations: { decision: 'allowed' }
  })
  t.same(respond('u', { ...allowed, exemption: 'status' }).auditAnnotations, {
    decision: 'allowed',
    exemption: 'status'
  })
  t.equal(
    encodeResponse('u', undefined),
    '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u","allowed":true}}'
  )
  t.end()
})

t.test('A denial shows generateName when there is no name yet', t => {
  const generated = { ...object, name: '', generateName: 'train-' }
  const decision: Decision = {
    kind: 'denied',
    object: generated,
    policies: [],
    violations: [unpinned],
    exempted: []
  }
  const { status } = respond('u', decision)
  t.equal(status?.details.name, 'train-')
  t.match(status?.message, /^1 violation by batch\/Job ml\/train-/)
  t.end()
})

t.test('Twenty violations are described and the rest counted; warnings keep to 12 lines', t => {
  const many = (violation: Violation, count: number) =>
    Array.from({ length: count }, (_, at) => ({ ...violation, field: `spec.list[${at}]` }))
  const decision: Decision = {
    kind: 'denied',
    object,
    policies: [],
    violations: [...many(unpinned, 23), ...many(unlabelled, 14)],
    exempted: []
  }
  const { status, warnings } = respond('u', decision)
  t.equal(status?.details.causes.length, 20)
  t.match(status?.message, /^23 violations by batch\/Job ml\/train\n/)
  t.match(status?.message, /\n {4}field: {3}spec\.list\[19\]\nand 3 more$/)
  t.equal(warnings?.length, 12)
  t.equal(warnings?.at(-1), 'mlgitops: and 3 more warnings')
  const twenty = respond('u', { ...decision, violations: many(unpinned, 20) }).status
  t.match(twenty?.message, /\n {4}field: {3}spec\.list\[19\]$/)
  t.equal(twenty?.status, 'Failure')
  const exempted = ['a/x', 'b/y', 'a/x'].map(exception => ({ violation: unpinned, exception }))
  const warned = respond('u', {
    ...decision,
    violations: [{ ...unpinned, actions: ['Warn'] }],
    exempted
  })
  t.equal(warned.auditAnnotations?.exceptions, 'a/x b/y')
  t.same(warned.warnings, [
    'commit-pinned-images: spec.template.spec.containers[0].image: the image is not pinned'
  ])
  const twelve = { ...decision, violations: many(unlabelled, 12) }
  t.match(respond('u', twelve).warnings?.at(-1), 'spec.list[11]')
  t.end()
})

t.test(
  'A line is cut at 500 characters, and holds nothing that a terminal or Argo CD acts on',
  t => {
    t.equal(printable('x'.repeat(500)), 'x'.repeat(500))
    t.equal(printable('x'.repeat(501)), `${'x'.repeat(499)}…`)
    t.equal(printable('a\nb\u2028c\u202ed map[a map[b'), 'a�b�c�d map [a map [b')
    t.equal(printable('\ud800'), '�')
    const finding = { field: 'a\n', problem: 'b\n' }
    t.same(printableFinding(finding), { field: 'a�', problem: 'b�' })
    t.same(printableFinding({ ...finding, found: '\n', allowed: 'c\n', fix: 'd\n' }), {
      field: 'a�',
      problem: 'b�',
      found: '�',
      allowed: 'c�',
      fix: 'd�'
    })
    t.end()
  }
)

t.test('The API server accepts every answer, whatever an object contains', t => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.constant('\ud800\u0000\n')
  )
  const violation: fc.Arbitrary<Violation> = fc.record({
    policy: fc.constantFrom('p', 'q'),
    rule: fc.constantFrom('images', 'schema'),
    actions: fc.constantFrom(['Deny'] as const, ['Warn'] as const, ['Audit', 'Warn'] as const),
    field: text,
    problem: text,
    found: text
  })
  fc.assert(
    fc.property(fc.array(violation, { maxLength: 40 }), text, (violations, name) => {
      const denies = violations.some(({ actions }) => actions.includes('Deny'))
      const seen = outcome({
        kind: denies ? 'denied' : 'allowed',
        object: { ...object, name },
        policies: [],
        violations,
        exempted: []
      })
      if (seen.kind === 'call failure') return false
      return (
        seen.kind === (denies ? 'denied' : 'allowed') &&
        seen.dropped.length === 0 &&
        seen.message.isWellFormed() &&
        /^[^\p{Cc}]*$/u.test(seen.message.replaceAll('\n', ''))
      )
    }),
    { seed: 4, numRuns: 300 }
  )
  t.end()
})
