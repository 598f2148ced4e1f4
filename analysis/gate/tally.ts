import { contributionOf } from '../counter/count-outcome.ts'
import type { CountingRules } from '../counter/count-outcome.ts'
import { countersOf, labelCounters } from '../counter/counter.ts'
import type { Counter } from '../counter/counter.ts'
import type { Objective } from '../settings/objective.ts'
import { noCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'
import { countsAtBest, countsAtWorst } from '../statistics/sampling/missing-labels.ts'
import type { GateRow } from './gate-row.ts'

/** How rows count. */
export interface GateRules {
  readonly rules: CountingRules
  readonly labels: 'all' | 'sampled'
}

/** What one objective counts in a file. */
export interface GateTally {
  readonly own: RateCounts
  /** With each missing label good, and with each bad; the same as `own` if none is missing, or none counts. */
  readonly best: RateCounts
  readonly worst: RateCounts
  /** The labelled share of the rows that should have a label; null if they need none. */
  readonly coverage: number | null
  readonly missing: number
  /** Rows that depend on one another, as FAIL and as PASS count them; undefined if rows are independent. */
  readonly clusters:
    { readonly best: readonly RateCounts[]; readonly worst: readonly RateCounts[] } | undefined
  /** The values of a mean, between 0 (best) and 1. */
  readonly values: readonly number[]
}

interface Sums {
  own: RateCounts
  missing: number
  missingGood: number
  missingBad: number
  relevant: number
}

/** Counts a file for one objective of one class, by the counters of the analysis. */
export function tallyRows(
  objective: Objective,
  rows: readonly GateRow[],
  how: GateRules
): GateTally {
  const own = countersOf(objective).at(-1)
  const labels = labelCounters(objective)
  const total = noSums()
  const clusters = new Map<string, Sums>()
  const values: number[] = []
  for (const { outcome, cluster } of rows) {
    const count = (counter: Counter | undefined) =>
      counter && contributionOf(counter, outcome, how.rules)
    const amount = count(own)
    if (amount !== undefined) values.push(amount)
    const [all, positive] = [count(labels?.all), count(labels?.positive)]
    for (const sums of [total, ...(cluster === undefined ? [] : [sumsOf(clusters, cluster)])]) {
      addRow(sums, amount, {
        all,
        positive,
        hasPositive: labels?.positive !== undefined,
        objective
      })
    }
  }
  const bounds = ({ own: labelled, missingGood, missingBad }: Sums) => {
    const counts = { labelled, missingGood, missingBad }
    return how.labels === 'sampled'
      ? { best: labelled, worst: labelled }
      : { best: countsAtBest(counts), worst: countsAtWorst(counts) }
  }
  const byCluster = [...clusters.values()].map(bounds)
  return {
    own: total.own,
    ...bounds(total),
    coverage:
      labels === undefined || total.relevant === 0 ? null : 1 - total.missing / total.relevant,
    missing: total.missing,
    clusters:
      clusters.size === 0
        ? undefined
        : { best: byCluster.map(({ best }) => best), worst: byCluster.map(({ worst }) => worst) },
    values
  }
}

function addRow(
  sums: Sums,
  amount: number | undefined,
  {
    all,
    positive,
    hasPositive,
    objective
  }: {
    readonly all: number | undefined
    readonly positive: number | undefined
    readonly hasPositive: boolean
    readonly objective: Objective
  }
): void {
  if (amount !== undefined) {
    sums.own = { events: sums.own.events + 1, bad: sums.own.bad + amount }
  }
  if (all === undefined) return
  sums.relevant += 1
  if (all === 0) return
  sums.missing += 1
  const isPositive = positive === 1
  sums.missingGood += !hasPositive || isPositive ? 1 : 0
  sums.missingBad += !hasPositive || !isPositive || objective.metric === 'f1' ? 1 : 0
}

function noSums(): Sums {
  return { own: noCounts, missing: 0, missingGood: 0, missingBad: 0, relevant: 0 }
}

function sumsOf(clusters: Map<string, Sums>, cluster: string): Sums {
  const known = clusters.get(cluster)
  if (known !== undefined) return known
  const sums = noSums()
  clusters.set(cluster, sums)
  return sums
}
