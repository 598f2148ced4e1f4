/** Counts of one group: predictions against labels. */
export interface GroupCounts {
  readonly n: number
  readonly selected: number
  readonly tp: number
  readonly fp: number
  readonly fn: number
  readonly tn: number
}

/** Fairlearn's metrics between groups; null when Fairlearn returns NaN. */
export interface FairnessMetrics {
  readonly demographic_parity_difference: number | null
  readonly demographic_parity_ratio: number | null
  readonly equalized_odds_difference: number | null
  readonly equalized_odds_ratio: number | null
  readonly equal_opportunity_difference: number | null
  readonly equal_opportunity_ratio: number | null
  readonly predictive_parity_difference: number | null
  readonly predictive_parity_ratio: number | null
}

/** The rates that the metrics compare. */
export const fairnessRates = ['selection', 'truePositive', 'falsePositive', 'precision'] as const

/** Shares of a group: of its people, of the positive or negative labels, or of the positive predictions. */
export type FairnessRate = (typeof fairnessRates)[number]

/** One rate of every group. A rate with denominator 0 is 0, as in {@link fairnessMetrics}. */
export function groupRates(groups: readonly GroupCounts[], which: FairnessRate): readonly number[] {
  switch (which) {
    case 'selection':
      return groups.map(({ selected, n }) => rate(selected, n))
    case 'truePositive':
      return groups.map(({ tp, fn }) => rate(tp, tp + fn))
    case 'falsePositive':
      return groups.map(({ fp, tn }) => rate(fp, fp + tn))
    case 'precision':
      return groups.map(({ tp, fp }) => rate(tp, tp + fp))
  }
}

/**
 * Computes the metrics of a set of groups from their counts.
 * Source: fairlearn 0.12 metrics (between_groups, worst case). A rate with denominator 0 is 0, as in
 * sklearn's normalized confusion matrix. The equalized odds ratio is Python's `min` of two ratios: a
 * first NaN stays, a second one is ignored.
 *
 * @param groups at least one, each with at least one member
 */
export function fairnessMetrics(groups: readonly GroupCounts[]): FairnessMetrics {
  const selection = groupRates(groups, 'selection')
  const truePositive = groupRates(groups, 'truePositive')
  const falsePositive = groupRates(groups, 'falsePositive')
  const precision = groupRates(groups, 'precision')
  const [tprRatio, fprRatio] = [ratio(truePositive), ratio(falsePositive)]
  return {
    demographic_parity_difference: difference(selection),
    demographic_parity_ratio: known(ratio(selection)),
    equalized_odds_difference: Math.max(difference(truePositive), difference(falsePositive)),
    equalized_odds_ratio: known(fprRatio < tprRatio ? fprRatio : tprRatio),
    equal_opportunity_difference: difference(truePositive),
    equal_opportunity_ratio: known(tprRatio),
    predictive_parity_difference: difference(precision),
    predictive_parity_ratio: known(ratio(precision))
  }
}

/** Each group's selection rate over the highest one (NYC Local Law 144); null if nobody is selected. */
export function impactRatios(groups: readonly GroupCounts[]): readonly (number | null)[] {
  const rates = groupRates(groups, 'selection')
  const highest = Math.max(...rates)
  return rates.map(each => known(each / highest))
}

function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function difference(rates: readonly number[]): number {
  return Math.max(...rates) - Math.min(...rates)
}

function ratio(rates: readonly number[]): number {
  return Math.min(...rates) / Math.max(...rates)
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
