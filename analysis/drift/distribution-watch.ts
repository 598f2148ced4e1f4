import {
  baselineShares,
  lnMultinomialEvidence,
  lnSampleEvidence
} from '../statistics/drift/dirichlet-multinomial.ts'
import {
  fewestEventsForStability,
  gradeStability,
  populationStability
} from '../statistics/drift/population-stability.ts'
import { addToSeason, hourOf, noSeason, seasonReference } from '../statistics/drift/season.ts'
import type { Season } from '../statistics/drift/season.ts'
import { addToDetector, newDetector } from '../statistics/drift/shiryaev-roberts.ts'
import type { ChangeDetector } from '../statistics/drift/shiryaev-roberts.ts'
import { countAlarm, noAlarms } from './alarms.ts'
import type { Alarms } from './alarms.ts'
import type { DriftView } from './drift-view.ts'

/** Event counts by value: a class, or a latency bucket. */
export type ValueCounts = Readonly<Record<string, number>>

/** A distribution that is compared with that of the first events. Plain JSON. */
export interface DistributionWatch extends Alarms {
  /** The first events. It grows until there are enough to compare with, then stays fixed. */
  readonly reference: ValueCounts
  readonly pending: ValueCounts
  readonly detector: ChangeDetector
  readonly windows: number
  readonly lnEvidence: number | null
  /** Of the bins of the reference. */
  readonly season?: Season
  /** What the pending events are compared with: bins of the same hours of earlier days, by pending events. */
  readonly expected?: Expected
  readonly stability: DriftView['stability']
}

/** Size of the reference in events: four times the smallest window. */
const referenceEvents = 2_000
const bins = 10
/** An alarm also needs a stability index of so much more than its noise (docs/statistics/drift.md#distributions). */
const leastShift = 0.1

/** The watch before the first window. */
export const noDistributionWatch: DistributionWatch = {
  ...noAlarms,
  reference: {},
  pending: {},
  detector: newDetector(1),
  windows: 0,
  lnEvidence: null,
  stability: null
}

/** How values are binned: classes by name, latencies by tenths of the reference. */
export type Binning = 'classes' | 'tenths'

interface At {
  readonly binning: Binning
  readonly windowsToFalseAlarm: number
  readonly endMs: number
}

/** Returns the watch after a closed window that ended at `endMs` (docs/statistics/drift.md#distributions). */
export function watchDistribution(
  before: DistributionWatch,
  window: ValueCounts,
  at: At
): DistributionWatch {
  const { reference } = before
  if (sizeOf(reference) < referenceEvents) {
    return { ...before, reference: addValues(reference, window) }
  }
  const binOf = at.binning === 'classes' ? classBins(reference) : tenthBins(reference)
  const watch = addWindow(before, window, { binOf, hour: hourOf(at.endMs - 1) })
  const { pending, expected = noExpected } = watch
  const size = sizeOf(pending)
  if (size < fewestEventsForStability) return watch
  const counts = count(pending, binOf)
  const isSeasonal = expected.events === size
  if (!isSeasonal && hasEarlierDays(watch))
    return { ...watch, pending: {}, expected: noExpected, windows: watch.windows + 1 }
  const baseline = isSeasonal ? expected.bins.map(bin => bin / size) : count(reference, binOf)
  const stability = populationStability(baseline, counts)
  const lnE = isSeasonal
    ? lnSampleEvidence(counts, baseline)
    : lnFirstEvidence(counts, baseline, size <= sizeOf(reference))
  const { windowsToFalseAlarm, endMs } = at
  const step = addToDetector(watch.detector, [lnE], { lnWeights: [0], windowsToFalseAlarm })
  const isAlarm = step.isAlarm && stability.index - stability.expectedNoise > leastShift
  return {
    ...watch,
    ...countAlarm(watch, {
      isAlarm,
      endMs,
      isProvisional: !isSeasonal || !expected.isOfWeekday
    }),
    pending: {},
    expected: noExpected,
    detector: step.detector,
    windows: watch.windows + 1,
    lnEvidence: step.lnM,
    stability: { ...stability, grade: gradeStability(stability) }
  }
}

/** Then the first events say nothing: they are of another hour. */
function hasEarlierDays({ season = noSeason }: DistributionWatch): boolean {
  return Object.keys(season.slots).length > 0
}

/** A window larger than the first events would prove their sampling error. */
function lnFirstEvidence(
  counts: readonly number[],
  baseline: readonly number[],
  isEvidence: boolean
): number {
  return isEvidence ? lnMultinomialEvidence(counts, baselineShares(baseline)) : 0
}

interface Expected {
  /** Pending events of hours with a reference. */
  readonly events: number
  /** The sum of the references' bins, each times the pending events of its hour. */
  readonly bins: readonly number[]
  readonly isOfWeekday: boolean
}

const noExpected: Expected = { events: 0, bins: [], isOfWeekday: true }

function addWindow(
  watch: DistributionWatch,
  window: ValueCounts,
  { binOf, hour }: { readonly binOf: BinOf; readonly hour: number }
): DistributionWatch {
  const { season = noSeason, expected = noExpected } = watch
  const pending = addValues(watch.pending, window)
  const next = addToSeason(season, hour, count(window, binOf))
  const found = seasonReference(season, hour)
  const known = found?.counts.reduce((sum, each) => sum + each, 0) ?? 0
  if (found === undefined || known < fewestEventsForStability) {
    return { ...watch, pending, season: next }
  }
  const own = sizeOf(window)
  return {
    ...watch,
    pending,
    season: next,
    expected: {
      events: expected.events + own,
      bins: found.counts.map((each, bin) => (expected.bins[bin] ?? 0) + each * own),
      isOfWeekday: expected.isOfWeekday && found.isOfWeekday
    }
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
