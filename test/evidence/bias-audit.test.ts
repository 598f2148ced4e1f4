import t from 'tap'
import { fairnessMetrics, impactRatios } from '../../evidence/bias-audit/metrics.ts'
import { parseBiasAudit } from '../../evidence/bias-audit/parse.ts'
import { coversCommit, summariseBiasAudit } from '../../evidence/bias-audit/summary.ts'
import { told } from '../told.ts'

const counts = (tp: number, fp: number, fn: number, tn: number) => ({
  n: tp + fp + fn + tn,
  selected: tp + fp,
  tp,
  fp,
  fn,
  tn
})
const rounded = (values: object) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === 'number' ? Number(value.toFixed(6)) : (value as null)
    ])
  )

t.test("fairness metrics are Fairlearn's", t => {
  t.same(
    rounded(
      fairnessMetrics([counts(45, 15, 10, 30), counts(24, 16, 16, 44), counts(8, 2, 12, 28)])
    ),
    {
      demographic_parity_difference: 0.4,
      demographic_parity_ratio: 0.333333,
      equalized_odds_difference: 0.418182,
      equalized_odds_ratio: 0.2,
      equal_opportunity_difference: 0.418182,
      equal_opportunity_ratio: 0.488889,
      predictive_parity_difference: 0.2,
      predictive_parity_ratio: 0.75
    }
  )
  t.same(
    impactRatios([counts(45, 15, 10, 30), counts(24, 16, 16, 44), counts(8, 2, 12, 28)]).map(x =>
      Number(x?.toFixed(3))
    ),
    [1, 0.667, 0.333]
  )
  const guide = fairnessMetrics([counts(1, 2, 1, 0), counts(3, 0, 2, 1), counts(2, 2, 3, 1)])
  t.same(rounded(guide), {
    demographic_parity_difference: 0.25,
    demographic_parity_ratio: 0.666667,
    equalized_odds_difference: 1,
    equalized_odds_ratio: 0,
    equal_opportunity_difference: 0.2,
    equal_opportunity_ratio: 0.666667,
    predictive_parity_difference: 0.666667,
    predictive_parity_ratio: 0.333333
  })
  const edge = fairnessMetrics([counts(1, 1, 1, 1), counts(0, 1, 0, 2)])
  t.equal(
    edge.equalized_odds_difference,
    0.5,
    'a group without positives has a true positive rate of 0'
  )
  const nobody = fairnessMetrics([counts(0, 0, 1, 1), counts(0, 0, 1, 1)])
  t.equal(nobody.demographic_parity_ratio, null)
  t.equal(nobody.demographic_parity_difference, 0)
  t.same(impactRatios([counts(0, 0, 1, 1)]), [null])
  t.end()
})

const commit = 'a'.repeat(40)
const audit = `---
apiVersion: mlgitops.io/v1alpha1
kind: BiasAudit
model: { name: churn, version: "1.10" }
modelCommit: ${commit}
date: "2026-11-02"
auditor: { name: Lab, independent: true }
dataset: { name: holdout, rows: 300, kind: test, digest: "sha256:${'0'.repeat(64)}" }
attributes:
  - name: group
    groups:
      - { name: a, n: 100, selected: 60, tp: 45, fp: 15, fn: 10, tn: 30, impact_ratio: 1 }
      - { name: b, n: 20, selected: 8, tp: 5, fp: 3, fn: 3, tn: 9 }
    metrics: { demographic_parity_difference: 0.2, demographic_parity_ratio: 0.66666667, equalized_odds_difference: 0.19318182, equalized_odds_ratio: 0.75 }
---
Prose: anything at all.
`

t.test('a bias audit is read, checked against itself and summarised', t => {
  const summary = summariseBiasAudit(parseBiasAudit(audit, 'bias_audit.md'))
  t.same(summary, {
    model: { name: 'churn', version: '1.10' },
    modelCommit: commit,
    date: '2026-11-02',
    auditor: { name: 'Lab', independent: true },
    dataset: { name: 'holdout', digest: `sha256:${'0'.repeat(64)}` },
    attributes: [
      {
        name: 'group',
        groups: 2,
        smallestGroup: 20,
        smallGroups: ['b'],
        metrics: {
          demographic_parity_difference: 0.2,
          demographic_parity_ratio: 0.66666667,
          equalized_odds_difference: 0.19318182,
          equalized_odds_ratio: 0.75
        }
      }
    ]
  })
  t.equal(coversCommit(summary, commit), true)
  t.equal(coversCommit(summary, 'b'.repeat(40)), false)
  const yaml = audit.split('---\n')[1] ?? ''
  t.same(summariseBiasAudit(parseBiasAudit(yaml, 'bias_audit.yaml')), summary)
  t.end()
})

t.test('an audit that does not add up is refused, figure by figure', t => {
  const cases: readonly [string, string, RegExp][] = [
    [
      'selected: 60',
      'selected: 61',
      /attributes\[0\]\.groups\[0\]\.selected is 61, tp \+ fp is 60/
    ],
    ['n: 100', 'n: 101', /groups\[0\]\.n is 101, its counts add up to 100/],
    [
      '_difference: 0.2,',
      '_difference: 0.1,',
      /metrics\.demographic_parity_difference is 0\.1, the counts give 0\.19999/
    ],
    ['impact_ratio: 1', 'impact_ratio: null', /impact_ratio is null, the counts give 1/],
    ['kind: test', 'kind: guess', /dataset\.kind must be equal to one of the allowed values/],
    ['version: "1.10"', 'version: 1.10', /model\.version must be string/],
    ['kind: BiasAudit', 'kind: BiasAudit\nextra: 1', /the audit has the unknown key "extra"/],
    ['---\nProse', 'Prose', /has no front matter/],
    [`modelCommit: ${commit}`, 'modelCommit: abc1234', /modelCommit must match pattern/]
  ]
  for (const [from, to, message] of cases)
    t.match(
      told(() => parseBiasAudit(audit.replace(from, to), 'bias_audit.md')),
      message,
      to
    )
  t.end()
})
