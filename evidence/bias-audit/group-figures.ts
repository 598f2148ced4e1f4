import type { AuditedGroup } from './bias-audit.ts'
import { fairnessRates, groupRates } from './metrics.ts'
import type { FairnessRate } from './metrics.ts'

/** The name of the group of rows without a value of the attribute. */
export const missingGroup = '(missing)'

/** People of one group. */
export interface GroupSize {
  readonly group: string
  readonly people: number
}

/** One rate of one group. */
export interface GroupRate {
  readonly group: string
  /** From 0 to 1. */
  readonly rate: number
}

/** Cases that a rate divides by: a group without them has no such rate, and Fairlearn calls it 0. */
export type NeededCase = 'positive labels' | 'negative labels' | 'positive predictions'

/** Groups that lack a kind of case. */
export interface LackingGroups {
  readonly count: number
  /** The first of them. */
  readonly groups: readonly string[]
}

/**
 * What tells apart the groups of an attribute, with their names. It is bounded, so that an attestation
 * fits into an annotation however many groups were audited.
 */
export interface GroupFigures {
  /** The smallest groups, in order. */
  readonly smallest: readonly GroupSize[]
  /** The two largest groups whose value is known, the largest first: fewer if there are fewer. */
  readonly largest: readonly GroupSize[]
  /** The groups between which each metric is computed. */
  readonly rates: Readonly<
    Record<FairnessRate, { readonly lowest: GroupRate; readonly highest: GroupRate }>
  >
  /** Absent members: no group lacks them. */
  readonly lacking: Partial<Readonly<Record<NeededCase, LackingGroups>>>
}

const maxNamed = 5
const comparedGroups = 2

/** @param groups not empty */
export function groupFigures(groups: readonly AuditedGroup[]): GroupFigures {
  const sizes = groups
    .map(({ name, n }) => ({ group: name, people: n }))
    .toSorted((a, b) => a.people - b.people)
  const lacking = Object.entries(casesOf).flatMap(([what, count]) => {
    const names = groups.filter(group => count(group) === 0).map(({ name }) => name)
    return names.length === 0
      ? []
      : [[what, { count: names.length, groups: names.slice(0, maxNamed) }] as const]
  })
  return {
    smallest: sizes.slice(0, maxNamed),
    largest: sizes
      .filter(({ group }) => isKnown(group))
      .toReversed()
      .slice(0, comparedGroups),
    rates: Object.fromEntries(
      fairnessRates.map(rate => [rate, extremes(groups, rate)])
    ) as unknown as GroupFigures['rates'],
    lacking: Object.fromEntries(lacking)
  }
}

const casesOf: Readonly<Record<NeededCase, (group: AuditedGroup) => number>> = {
  'positive labels': ({ tp, fn }) => tp + fn,
  'negative labels': ({ fp, tn }) => fp + tn,
  'positive predictions': ({ tp, fp }) => tp + fp
}

/** An intersection's group is unknown if one of its parts is. */
function isKnown(group: string): boolean {
  return !group.split(',').includes(missingGroup)
}

function extremes(groups: readonly AuditedGroup[], rate: FairnessRate) {
  const rates = groupRates(groups, rate)
  const at = (value: number) => {
    return { group: groups[rates.indexOf(value)]?.name ?? '', rate: value }
  }
  return { lowest: at(Math.min(...rates)), highest: at(Math.max(...rates)) }
}
