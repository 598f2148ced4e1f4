import fc from 'fast-check'
import t from 'tap'
import { fairnessMetrics, impactRatios } from '../../evidence/bias-audit/metrics.ts'
import type { GroupCounts } from '../../evidence/bias-audit/metrics.ts'

function counts(tp: number, fp: number, fn: number, tn: number): GroupCounts {
  return { n: tp + fp + fn + tn, selected: tp + fp, tp, fp, fn, tn }
}

/** Metrics in the order of the schema, to six digits. */
function figures(...groups: readonly GroupCounts[]): (number | null)[] {
  return Object.values(fairnessMetrics(groups) as unknown as Record<string, number | null>).map(
    value => (value === null ? null : Number(value.toFixed(6)))
  )
}

t.test("fairness metrics are Fairlearn's", t => {
  t.same(Object.keys(fairnessMetrics([counts(1, 1, 1, 1)])), [
    'demographic_parity_difference',
    'demographic_parity_ratio',
    'equalized_odds_difference',
    'equalized_odds_ratio',
    'equal_opportunity_difference',
    'equal_opportunity_ratio',
    'predictive_parity_difference',
    'predictive_parity_ratio'
  ])
  t.same(
    figures(counts(45, 15, 10, 30), counts(24, 16, 16, 44), counts(8, 2, 12, 28)),
    [0.4, 0.333333, 0.418182, 0.2, 0.418182, 0.488889, 0.2, 0.75],
    'the worked example of three groups'
  )
  t.same(
    figures(counts(1, 2, 1, 0), counts(3, 0, 2, 1), counts(2, 2, 3, 1)),
    [0.25, 0.666667, 1, 0, 0.2, 0.666667, 0.666667, 0.333333],
    "the user guide's example"
  )
  t.same(
    figures(counts(1, 1, 1, 1), counts(0, 1, 0, 2)),
    [0.166667, 0.666667, 0.5, 0, 0.5, 0, 0.5, 0],
    'a group without positive labels has a true positive rate of 0'
  )
  t.same(
    figures(counts(0, 0, 1, 1), counts(0, 0, 2, 3)),
    [0, null, 0, null, 0, null, 0, null],
    'nobody is selected'
  )
  t.same(figures(counts(3, 1, 1, 5)), [0, 1, 0, 1, 0, 1, 0, 1], 'one group')
  t.same(
    figures(counts(1, 0, 1, 2), counts(2, 0, 2, 4)),
    [0, 1, 0, 1, 0, 1, 0, 1],
    'without false positives only the true positive ratio counts'
  )
  t.same(
    figures(counts(0, 1, 1, 1), counts(0, 1, 2, 3)),
    [0.166667, 0.5, 0.25, null, 0, null, 0, null],
    'without true positives the equalized odds ratio is not defined'
  )
  t.end()
})

t.test('impact ratios are rates over the highest rate', t => {
  const three = [counts(45, 15, 10, 30), counts(24, 16, 16, 44), counts(8, 2, 12, 28)]
  t.same(
    impactRatios(three).map(ratio => Number(ratio?.toFixed(3))),
    [1, 0.667, 0.333]
  )
  const [male, female] = impactRatios([counts(667, 0, 0, 723), counts(555, 0, 0, 626)])
  t.equal(male, 1)
  t.equal(female?.toFixed(3), '0.979', "the city's own example")
  t.same(impactRatios([counts(0, 0, 1, 1), counts(0, 0, 1, 0)]), [null, null])
  t.end()
})

const anyGroup = fc
  .tuple(fc.nat(50), fc.nat(50), fc.nat(50), fc.nat(50))
  .map(([tp, fp, fn, tn]) => counts(tp, fp, fn, tn))
  .filter(({ n }) => n > 0)

t.test('metrics stay in their range and do not depend on the order of groups', t => {
  fc.assert(
    fc.property(fc.array(anyGroup, { minLength: 1, maxLength: 6 }), groups => {
      const metrics = fairnessMetrics(groups)
      t.same(fairnessMetrics(groups.toReversed()), metrics)
      for (const value of Object.values(metrics as unknown as Record<string, number | null>)) {
        if (value !== null && !(value >= 0 && value <= 1)) t.fail(`${value} is out of range`)
      }
      const lowest = Math.min(...impactRatios(groups).map(ratio => ratio ?? 0))
      t.equal(lowest, metrics.demographic_parity_ratio ?? 0)
    }),
    { seed: 21, numRuns: 100 }
  )
  t.end()
})
