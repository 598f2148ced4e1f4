import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import type { AuditedGroup, BiasAudit } from '../../../evidence/bias-audit/bias-audit.ts'
import { summariseBiasAudit } from '../../../evidence/bias-audit/summary.ts'
import { attested, facts, job, modelCommit } from '../attested.ts'
import { at, judge } from '../judged.ts'

type Cells = readonly [tp: number, fp: number, fn: number, tn: number]

/** Groups by name, each with its four counts. */
function groupsOf(cells: Readonly<Record<string, Cells>>): readonly AuditedGroup[] {
  return Object.entries(cells).map(([name, [tp, fp, fn, tn]]) => {
    return { name, n: tp + fp + fn + tn, selected: tp + fp, tp, fp, fn, tn }
  })
}

/** The summary of an audit with these attributes. */
function summaryOf(attributes: Readonly<Record<string, Readonly<Record<string, Cells>>>>) {
  const audit: BiasAudit = {
    model: { name: 'churn', version: '1.10' },
    modelCommit,
    date: '2026-11-02',
    auditor: { name: 'Fairness Lab', independent: true },
    dataset: { name: 'holdout', rows: 10_000, kind: 'test' },
    attributes: Object.entries(attributes).map(([name, cells]) => {
      return { name, groups: groupsOf(cells), metrics: {} }
    })
  }
  return summariseBiasAudit(audit)
}

/** What a policy says of an attested job whose audit has one attribute, region. */
function refused(options: JsonObject, cells: Readonly<Record<string, Cells>>): readonly string[] {
  const biasAudit = summaryOf({ region: cells })
  return judge({ biasAudit: options }, attested(job, { ...facts, biasAudit }))
}

const change = 'fix: train a fairer model, or change the policy together with its owners'
const bound = (metric: string, limits: JsonObject) => ({ bounds: [{ metric, ...limits }] })
/** Two groups of 100 that are treated alike. */
const even: Cells = [40, 10, 10, 40]

t.test('The refusal of an unfair metric names both groups and their rates', t => {
  const cases: readonly [string, JsonObject, Readonly<Record<string, Cells>>, string][] = [
    [
      'demographic_parity_ratio',
      { min: 0.8 },
      { NA: [22, 22, 33, 32], EU: [11, 11, 22, 22], '(missing)': [10, 10, 25, 25] },
      '(missing) 28.6 %, NA 40.4 %: ratio 0.708, below 0.8; allowed: at least 0.8'
    ],
    [
      'demographic_parity_difference',
      { max: 0.1 },
      { F: [20, 0, 30, 50], M: [30, 2, 20, 48] },
      'F 20.0 %, M 32.0 %: difference 0.12, above 0.1; allowed: at most 0.1'
    ],
    [
      'equalized_odds_difference',
      { max: 0.1 },
      { F: [25, 5, 25, 45], M: [40, 6, 10, 44] },
      'true positive rate F 50.0 %, M 80.0 %: difference 0.3, above 0.1; allowed: at most 0.1'
    ],
    [
      'equalized_odds_ratio',
      { min: 0.8 },
      { F: [40, 20, 10, 30], M: [40, 5, 10, 45] },
      'false positive rate M 10.0 %, F 40.0 %: ratio 0.25, below 0.8; allowed: at least 0.8'
    ],
    [
      'equal_opportunity_ratio',
      { min: 0.8, max: 1 },
      { F: [25, 5, 25, 45], M: [40, 5, 10, 45] },
      'true positive rate F 50.0 %, M 80.0 %: ratio 0.625, below 0.8; allowed: from 0.8 to 1'
    ],
    [
      'predictive_parity_difference',
      { max: 0.1 },
      { F: [30, 30, 20, 20], M: [40, 10, 10, 40] },
      'precision F 50.0 %, M 80.0 %: difference 0.3, above 0.1; allowed: at most 0.1'
    ]
  ]
  for (const [metric, limits, cells, found] of cases) {
    t.same(refused(bound(metric, limits), cells), [
      `${at}: the model is not fair enough: ${metric} by region; found ${found}; ${change}`
    ])
  }
  t.end()
})

t.test('A value next to its limit keeps the digits that show the side', t => {
  t.match(
    refused(bound('demographic_parity_ratio', { min: 0.8 }), {
      F: [79_999, 0, 10_000, 10_001],
      M: [100_000, 0, 0, 1]
    }),
    [/: ratio 0\.79999?8?, below 0\.8; /]
  )
  t.end()
})

t.test('An audit of one group compares nothing', t => {
  const alone = 'the bias audit of region compares nothing'
  const leave =
    'fix: audit data in which region has two such groups, or leave region out of the audit'
  t.same(refused({}, { EU: even }), [
    `${at}: ${alone}: it has one group; found EU: 100 people; allowed: two groups of people with a known value; ${leave}`
  ])
  t.same(refused(bound('demographic_parity_ratio', { min: 0.8 }), { EU: even }), [
    `${at}: ${alone}: it has one group; found EU: 100 people; allowed: two groups of at least 30 people with a known value; ${leave}`
  ])
  t.match(
    refused({}, { EU: even, '(missing)': even }),
    [`${alone}: fewer than two groups are large enough; found EU: 100 people;`],
    'people without a value are no group to compare with'
  )
  t.match(
    refused(bound('demographic_parity_ratio', { min: 0.8 }), { EU: even, NA: [8, 2, 2, 8] }),
    [`${alone}: fewer than two groups are large enough; found EU: 100 people, NA: 20 people;`]
  )
  t.same(refused({}, { EU: even, NA: [8, 2, 2, 8] }), [], 'without bounds any size will do')
  t.same(
    refused(
      { minimumGroupSize: 20, ...bound('demographic_parity_ratio', { min: 0.8 }) },
      { EU: even, NA: [8, 2, 2, 8] }
    ),
    []
  )
  t.end()
})

t.test('Only the attributes that a policy names are compared, unless it names none', t => {
  const biasAudit = summaryOf({ sex: { F: even, M: even }, region: { EU: even } })
  const judged = (options: JsonObject) =>
    judge({ biasAudit: options }, attested(job, { ...facts, biasAudit })).length
  t.equal(judged({}), 1)
  t.equal(judged({ attributes: ['sex'] }), 0)
  t.equal(
    judged({ bounds: [{ metric: 'demographic_parity_ratio', attribute: 'sex', min: 0.8 }] }),
    0
  )
  t.equal(judged({ bounds: [{ metric: 'demographic_parity_ratio', min: 0.8 }] }), 1)
  t.equal(judged({ attributes: ['sex', 'region'] }), 1)
  t.end()
})

t.test('Small groups are named with their sizes', t => {
  t.same(refused({ minimumGroupSize: 50 }, { EU: even, NA: [8, 2, 2, 8], APAC: [12, 3, 3, 12] }), [
    `${at}: the bias audit of region has a group that is too small to judge; found NA: 20 people, APAC: 30 people; allowed: at least 50; fix: collect more data, or merge groups`
  ])
  t.end()
})

t.test('A metric is proven only by the labels that it needs', t => {
  const noNegatives: Cells = [80, 0, 20, 0]
  const noPositives: Cells = [0, 10, 0, 90]
  const noneSelected: Cells = [0, 0, 50, 50]
  const lacks = (metric: string, cells: Cells) =>
    refused(bound(metric, { min: 0, max: 1 }), { EU: even, NA: cells })
  const odds = ['equalized_odds_difference', 'equalized_odds_ratio']
  const opportunity = ['equal_opportunity_difference', 'equal_opportunity_ratio']
  const parity = ['predictive_parity_difference', 'predictive_parity_ratio']
  const unproven = (metric: string, cases: string) =>
    `${at}: the bias audit cannot prove ${metric} by region: a group has no ${cases}; found NA; allowed: ${cases} in every group; fix: audit data with such cases in every group, or merge groups`
  for (const metric of odds) {
    t.same(lacks(metric, noNegatives), [unproven(metric, 'negative labels')])
    t.same(lacks(metric, noPositives), [unproven(metric, 'positive labels')])
  }
  for (const metric of opportunity) {
    t.same(lacks(metric, noNegatives), [])
    t.same(lacks(metric, noPositives), [unproven(metric, 'positive labels')])
  }
  for (const metric of parity) {
    t.same(lacks(metric, noneSelected), [unproven(metric, 'positive predictions')])
    t.same(lacks(metric, noNegatives), [])
  }
  for (const metric of ['demographic_parity_difference', 'demographic_parity_ratio']) {
    for (const cells of [noNegatives, noPositives, noneSelected]) {
      t.same(lacks(metric, cells), [], 'selection rates need no labels')
    }
  }
  t.end()
})

t.test('A statement of v1alpha1 has no names of groups: a refusal shows its numbers', t => {
  const [attribute] = summaryOf({ region: { EU: even, NA: [8, 12, 2, 8] } }).attributes
  if (attribute === undefined) throw new Error('no attribute')
  const { figures, ...old } = attribute
  t.ok(figures)
  const { biasAudit: fair, ...rest } = facts
  if (fair === undefined) throw new Error('no audit')
  const judged = (options: JsonObject, more: Partial<typeof old> = {}) => {
    const biasAudit = { ...fair, attributes: [{ ...old, ...more }] }
    return judge({ biasAudit: options }, attested(job, { ...rest, biasAudit }))
  }
  t.match(judged({ minimumGroupSize: 50 }), [/too small to judge; found 30 people; /])
  t.match(judged(bound('demographic_parity_ratio', { min: 0.8 })), [
    /; found ratio 0\.75, below 0\.8; /
  ])
  t.match(judged({}, { groups: 1 }), [/compares nothing: it has one group; found groups: 1; /])
  t.end()
})
