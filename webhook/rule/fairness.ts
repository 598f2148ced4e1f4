import type { NeededCase } from '../../evidence/bias-audit/group-figures.ts'
import type { FairnessMetrics, FairnessRate } from '../../evidence/bias-audit/metrics.ts'
import type { AttributeSummary, BiasAuditSummary } from '../../evidence/bias-audit/summary.ts'
import type { Finding } from '../decision.ts'
import type { BiasAuditOptions, MetricBound } from '../policy/model-policy.ts'
import { attestationField } from '../subject/attestation.ts'

type Metric = keyof FairnessMetrics

/** Reports metrics out of bounds, and those that the counts of an audit cannot prove. */
export function fairnessFindings(
  audit: BiasAuditSummary,
  { bounds = [] }: BiasAuditOptions
): readonly Finding[] {
  return bounds.flatMap(bound => boundFindings(audit, bound))
}

function boundFindings({ attributes }: BiasAuditSummary, bound: MetricBound): readonly Finding[] {
  const judged = attributes.filter(({ name }) => (bound.attribute ?? name) === name)
  if (judged.length === 0) {
    const attribute =
      bound.attribute === undefined ? 'any attribute' : `the attribute ${bound.attribute}`
    const problem = `the bias audit does not cover ${attribute}`
    return [finding({ problem, fix: `audit ${attribute} too` })]
  }
  return judged.flatMap(attribute => {
    const unproven = lackFindings(attribute, bound.metric)
    return unproven.length > 0 ? unproven : valueFindings(attribute, bound)
  })
}

/** The cases without which a group has no rate to compare, so that the metric says nothing about it. */
const neededCases: Readonly<Record<Metric, readonly NeededCase[]>> = {
  demographic_parity_difference: [],
  demographic_parity_ratio: [],
  equalized_odds_difference: ['positive labels', 'negative labels'],
  equalized_odds_ratio: ['positive labels', 'negative labels'],
  equal_opportunity_difference: ['positive labels'],
  equal_opportunity_ratio: ['positive labels'],
  predictive_parity_difference: ['positive predictions'],
  predictive_parity_ratio: ['positive predictions']
}

function lackFindings({ name, figures }: AttributeSummary, metric: Metric): readonly Finding[] {
  return neededCases[metric].flatMap(cases => {
    const lacking = figures?.lacking[cases]
    if (lacking === undefined) return []
    const more = lacking.count - lacking.groups.length
    return [
      finding({
        problem: `the bias audit cannot prove ${metric} by ${name}: a group has no ${cases}`,
        found: [...lacking.groups, ...(more > 0 ? [`${more} more`] : [])].join(', '),
        allowed: `${cases} in every group`,
        fix: 'audit data with such cases in every group, or merge groups'
      })
    ]
  })
}

function valueFindings(attribute: AttributeSummary, bound: MetricBound): readonly Finding[] {
  const value = attribute.metrics[bound.metric]
  if (value !== null && sideOf(value, bound) === undefined) return []
  return [
    finding({
      problem: `the model is not fair enough: ${bound.metric} by ${attribute.name}`,
      found:
        value === null
          ? 'undefined, because no group has such cases'
          : describeValue(value, attribute, bound),
      allowed: describeBound(bound),
      fix: 'train a fairer model, or change the policy together with its owners'
    })
  ]
}

/** On which side of its limits a value is; undefined within them. */
function sideOf(value: number, { min, max }: MetricBound): string | undefined {
  if (min !== undefined && value < min) return `below ${min}`
  return max !== undefined && value > max ? `above ${max}` : undefined
}

/** `F 28.6 %, M 40.4 %: ratio 0.708, below 0.8`. */
function describeValue(value: number, attribute: AttributeSummary, bound: MetricBound): string {
  const kind = bound.metric.endsWith('ratio') ? 'ratio' : 'difference'
  const text = `${kind} ${rounded(value, bound)}, ${sideOf(value, bound) ?? ''}`
  const compared = comparedRates(value, attribute, bound.metric)
  return compared === undefined ? text : `${compared}: ${text}`
}

const minDigits = 3
const maxDigits = 17

/** Rounds without moving the value to the other side of a limit. */
function rounded(value: number, bound: MetricBound): number {
  for (let digits = minDigits; digits < maxDigits; digits += 1) {
    const short = Number(value.toFixed(digits))
    if (sideOf(short, bound) === sideOf(value, bound)) return short
  }
  return value
}

const ratesOf: Readonly<Record<Metric, readonly FairnessRate[]>> = {
  demographic_parity_difference: ['selection'],
  demographic_parity_ratio: ['selection'],
  equalized_odds_difference: ['truePositive', 'falsePositive'],
  equalized_odds_ratio: ['truePositive', 'falsePositive'],
  equal_opportunity_difference: ['truePositive'],
  equal_opportunity_ratio: ['truePositive'],
  predictive_parity_difference: ['precision'],
  predictive_parity_ratio: ['precision']
}

const rateNames: Readonly<Record<FairnessRate, string>> = {
  selection: '',
  truePositive: 'true positive rate ',
  falsePositive: 'false positive rate ',
  precision: 'precision '
}

/** The groups whose rates give the metric, with the rates. Equalized odds have the worse of two rates. */
function comparedRates(
  value: number,
  { figures }: AttributeSummary,
  metric: Metric
): string | undefined {
  if (figures === undefined) return undefined
  const isRatio = metric.endsWith('ratio')
  const candidates = ratesOf[metric].map(name => {
    const { lowest, highest } = figures.rates[name]
    const own = isRatio ? lowest.rate / highest.rate : highest.rate - lowest.rate
    return { name, lowest, highest, distance: Number.isNaN(own) ? 1 : Math.abs(own - value) }
  })
  const [found] = candidates.toSorted((a, b) => a.distance - b.distance)
  if (found === undefined) return undefined
  const { name, lowest, highest } = found
  return `${rateNames[name]}${lowest.group} ${percent(lowest.rate)}, ${highest.group} ${percent(highest.rate)}`
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)} %`
}

function describeBound({ min, max }: MetricBound): string {
  if (min === undefined) return `at most ${max ?? 'any'}`
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`
}

function finding(parts: Omit<Finding, 'field'>): Finding {
  return { field: attestationField, ...parts }
}
