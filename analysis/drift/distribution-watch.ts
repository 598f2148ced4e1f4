import { baselineShares, lnMultinomialEvidence } from '../statistics/drift/dirichlet-multinomial.ts'
import {
  fewestEventsForStability,
  gradeStability,
  populationStability
} from '../statistics/drift/population-stability.ts'
import { addToDetector, newDetector } from '../statistics/drift/shiryaev-roberts.ts'
import type { ChangeDetector } from '../statistics/drift/shiryaev-roberts.ts'
import type { DriftView } from './drift-view.ts'

/** Event counts by value: a class, or a latency bucket. */
export type ValueCounts = Readonly<Record<string, number>>

/** A distribution that is compared with that of the first events. Plain JSON. */
export interface DistributionWatch {
  /** The first events. It grows until there are enough to compare with, then stays fixed. */
  readonly reference: ValueCounts
  readonly pending: ValueCounts
  readonly detector: ChangeDetector
  readonly windows: number
  readonly lnEvidence: number | null
  readonly alarms: number
  readonly lastAlarmMs: number | null
  readonly stability: DriftView['stability']
}

/** Size of the reference in events: four times the smallest window. */
const referenceEvents = 2_000
const bins = 10
/** An alarm also needs a stability index above this (docs/statistics/drift.md#distributions). */
const leastShift = 0.1

/** The watch before the first window. */
export const noDistributionWatch: DistributionWatch = {
  reference: {},
  pending: {},
  detector: newDetector(1),
  windows: 0,
  lnEvidence: null,
  alarms: 0,
  lastAlarmMs: null,
  stability: null
}

/** How values are binned: classes by name, latencies by tenths of the reference. */
export type Binning = 'classes' | 'tenths'

/** Returns the watch after a closed window that ended at `endMs` (docs/statistics/drift.md#distributions). */
export function watchDistribution(
  watch: DistributionWatch,
  window: ValueCounts,
  at: { readonly binning: Binning; readonly windowsToFalseAlarm: number; readonly endMs: number }
): DistributionWatch {
  if (sizeOf(watch.reference) < referenceEvents) {
    return { ...watch, reference: addValues(watch.reference, window) }
  }
  const pending = addValues(watch.pending, window)
  if (sizeOf(pending) < fewestEventsForStability) return { ...watch, pending }
  const binOf = at.binning === 'classes' ? classBins(watch.reference) : tenthBins(watch.reference)
  const baseline = count(watch.reference, binOf)
  const counts = count(pending, binOf)
  const stability = populationStability(baseline, counts)
  // A window larger than the reference would prove the sampling error of the reference.
  const isEvidence = sizeOf(pending) <= sizeOf(watch.reference)
  const lnE = isEvidence ? lnMultinomialEvidence(counts, baselineShares(baseline)) : 0
  const { windowsToFalseAlarm } = at
  const step = addToDetector(watch.detector, [lnE], { lnWeights: [0], windowsToFalseAlarm })
  const isAlarm = step.isAlarm && stability.index > leastShift
  return {
    reference: watch.reference,
    pending: {},
    detector: step.detector,
    windows: watch.windows + 1,
    lnEvidence: step.lnM,
    alarms: watch.alarms + (isAlarm ? 1 : 0),
    lastAlarmMs: isAlarm ? at.endMs : watch.lastAlarmMs,
    stability: { ...stability, grade: gradeStability(stability) }
  }
}

/** Returns the sum of two counts. */
export function addValues(one: ValueCounts, other: ValueCounts): ValueCounts {
  const sum: Record<string, number> = { ...one }
  for (const [value, events] of Object.entries(other)) sum[value] = (sum[value] ?? 0) + events
  return sum
}

function sizeOf(values: ValueCounts): number {
  return Object.values(values).reduce((sum, events) => sum + events, 0)
}

type BinOf = (value: string) => number

function count(values: ValueCounts, binOf: BinOf): number[] {
  const counts = Array.from({ length: bins + 1 }, () => 0)
  for (const [value, events] of Object.entries(values)) {
    const bin = binOf(value)
    counts[bin] = (counts[bin] ?? 0) + events
  }
  return counts
}

/** Bins: the ten most frequent classes, and one for all others. */
function classBins(reference: ValueCounts): BinOf {
  const frequent = Object.entries(reference)
    .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
    .slice(0, bins)
    .map(([value]) => value)
  return value => {
    const bin = frequent.indexOf(value)
    return bin === -1 ? bins : bin
  }
}

/** Bins: tenths of the reference, and one for latencies above all of it. */
function tenthBins(reference: ValueCounts): BinOf {
  const sorted = Object.entries(reference).sort(([a], [b]) => Number(a) - Number(b))
  const whole = sizeOf(reference)
  const tenthOf = new Map<number, number>()
  let below = 0
  for (const [value, events] of sorted) {
    tenthOf.set(Number(value), Math.min(bins - 1, Math.floor((below / whole) * bins)))
    below += events
  }
  const highest = Number(sorted.at(-1)?.[0] ?? 0)
  return value => {
    const bucket = Number(value)
    if (bucket > highest) return bins
    const nearest = sorted.find(([known]) => Number(known) >= bucket)
    return tenthOf.get(Number(nearest?.[0] ?? 0)) ?? 0
  }
}
