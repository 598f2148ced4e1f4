import type { Counter } from '../counter/counter.ts'
import { defectOfCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'
import type { PrometheusCounter } from '../settings/prometheus-settings.ts'
import { countAboveEdge, defectOfBuckets, eventsIn } from './buckets.ts'
import type { BucketIncrease } from './increase.ts'

/** The increase of one arm's counters in a window. */
export type ArmIncrease = ReadonlyMap<PrometheusCounter, readonly BucketIncrease[]>

/** The counts of one counter in a window, and how they are inexact. */
export interface WindowCounts {
  readonly counts: RateCounts
  readonly note?: string
}

/** A window of a counter; a note alone if its numbers cannot be used. */
export type WindowReading = WindowCounts | { readonly note: string } | undefined

/** How the histogram of latencies is read. */
export interface LatencyReading {
  readonly unitMs: number
  /** Edges that were fixed before the window; undefined if there are none yet. */
  readonly cuts: readonly number[] | undefined
}

/** Computes the counts of one counter of the analysis from the counters of Prometheus. */
export function countWindow(
  counter: Counter,
  arm: ArmIncrease,
  latency: LatencyReading
): WindowReading {
  switch (counter.kind) {
    case 'error':
      return checked({ events: sum(arm, 'requests'), bad: sum(arm, 'errors') })
    case 'precision': {
      const bad = sum(arm, 'false-positives')
      return checked({ events: sum(arm, 'true-positives') + bad, bad })
    }
    case 'recall': {
      const bad = sum(arm, 'false-negatives')
      return checked({ events: sum(arm, 'true-positives') + bad, bad })
    }
    case 'accuracy': {
      const bad = sum(arm, 'false-positives') + sum(arm, 'false-negatives')
      const good = sum(arm, 'true-positives') + sum(arm, 'true-negatives')
      return checked({ events: good + bad, bad })
    }
    case 'slower':
    case 'maybe-slower':
      return slower(counter, arm, latency)
    case 'cut':
      return cut(counter.cut, arm, latency)
    default:
      return undefined
  }
}

function sum(arm: ArmIncrease, counter: PrometheusCounter): number {
  return (arm.get(counter) ?? []).reduce((total, buckets) => total + eventsIn(buckets), 0)
}

function checked(counts: RateCounts): WindowReading {
  const defect = defectOfCounts(counts)
  return defect === undefined ? { counts } : { note: `a block was skipped: ${defect}` }
}

function slower(
  { kind, thresholdMs }: Extract<Counter, { kind: 'slower' | 'maybe-slower' }>,
  arm: ArmIncrease,
  { unitMs }: LatencyReading
): WindowReading {
  let counts: RateCounts = { events: 0, bad: 0 }
  let note: string | undefined
  for (const buckets of arm.get('latency') ?? []) {
    const defect = defectOfBuckets(buckets)
    if (defect !== undefined) return { note: `a block was skipped: ${defect}` }
    const { least, most, between } = countAboveEdge(buckets, thresholdMs / unitMs)
    const bad = kind === 'slower' ? least : most
    counts = { events: counts.events + eventsIn(buckets), bad: counts.bad + bad }
    const [lower, higher] = between.map(edge => Number((edge * unitMs).toPrecision(9)))
    if (lower !== higher) {
      note = `the histogram has no edge at ${thresholdMs} ms: FAIL counts what is above ${higher ?? Infinity} ms, PASS what is above ${lower ?? 0} ms`
    }
  }
  return { counts, ...(note === undefined ? {} : { note }) }
}

function cut(index: number, arm: ArmIncrease, { cuts }: LatencyReading): WindowReading {
  const edge = cuts?.[index]
  if (edge === undefined) return undefined
  let counts: RateCounts = { events: 0, bad: 0 }
  for (const buckets of arm.get('latency') ?? []) {
    const defect = defectOfBuckets(buckets)
    if (defect !== undefined) return { note: `a block was skipped: ${defect}` }
    const { least, most } = countAboveEdge(buckets, edge)
    if (least !== most) return { note: 'a block was skipped: the arms have different edges' }
    counts = { events: counts.events + eventsIn(buckets), bad: counts.bad + least }
  }
  return { counts }
}
