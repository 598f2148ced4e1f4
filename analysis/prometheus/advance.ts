import { blockStart } from '../counter/grid.ts'
import type { ReadyCounter } from '../counter/update.ts'
import { variants } from '../counter/outcome.ts'
import type { CellChange } from '../counter/series.ts'
import type { PrometheusCounter } from '../settings/prometheus-settings.ts'
import { cutQuantiles } from '../statistics/latency/cut-mix.ts'
import { addDispersionWindow, noDispersion } from '../statistics/sampling/dispersion.ts'
import type { DispersionSums } from '../statistics/sampling/dispersion.ts'
import { addBuckets, defectOfBuckets, edgeOfQuantile, eventsIn } from './buckets.ts'
import { increaseSince } from './increase.ts'
import type { BucketIncrease, LastValues } from './increase.ts'
import type { PrometheusProgress } from './progress.ts'
import type { CounterRead } from './read-counters.ts'
import { countWindow } from './window.ts'
import type { ArmIncrease } from './window.ts'

/** How a window is counted. */
export interface WindowRules {
  readonly counters: readonly ReadyCounter[]
  readonly unitMs: number
}

/** A change of a counter of the analysis. */
export interface CounterChange {
  readonly counter: string
  readonly change: CellChange
}

/** The progress after a window, and the changes of the window. */
export interface Advanced {
  readonly progress: PrometheusProgress
  readonly changes: readonly CounterChange[]
}

/** Fewer latencies do not determine a 99th percentile. */
const leastLatencies = 100

/** The progress at the start of a run: the counters at that time, and the primary's history. */
export function beginProgress(
  before: readonly (readonly CounterRead[])[],
  start: readonly CounterRead[],
  { startedMs, rules }: { readonly startedMs: number; readonly rules: WindowRules }
): PrometheusProgress {
  let last: Record<string, LastValues> = {}
  let latencies: BucketIncrease = []
  const history: Record<string, DispersionSums> = {}
  for (const [at, reads] of before.entries()) {
    const { increases, last: now } = takeReads(last, reads, at > 0 ? 'known' : 'none')
    last = now
    const primary = increases.primary
    latencies = addPrimaryLatencies(latencies, primary)
    for (const { counter, name } of rules.counters) {
      const reading = countWindow(counter, primary, { unitMs: rules.unitMs, cuts: undefined })
      if (reading === undefined || !('counts' in reading)) continue
      history[name] = addDispersionWindow(history[name] ?? noDispersion, reading.counts)
    }
  }
  return {
    countedUntilMs: startedMs,
    history,
    notes: {},
    last: takeReads(last, start, 'none').last,
    latencies,
    ...cutsFrom(latencies)
  }
}

/**
 * Counts one window, from the end of the last one to `untilMs`. Windows have no gap and no overlap, so every
 * event counts once. A window belongs to the block that it ends in.
 */
export function advance(
  progress: PrometheusProgress,
  reads: readonly CounterRead[],
  untilMs: number,
  rules: WindowRules
): Advanced {
  const { increases, last } = takeReads(progress.last, reads, 'all')
  const latency = { unitMs: rules.unitMs, cuts: progress.cuts }
  const notes: Record<string, string> = { ...progress.notes }
  const changes = rules.counters.flatMap(({ counter, name, grid }) => {
    const counted = variants.map(variant => ({
      variant,
      reading: countWindow(counter, increases[variant], latency)
    }))
    for (const { reading } of counted) if (reading?.note !== undefined) notes[name] = reading.note
    // Without usable numbers of one arm a block compares nothing, so it is skipped for both.
    if (counted.some(({ reading }) => reading !== undefined && !('counts' in reading))) return []
    return counted.flatMap(({ variant, reading }) => {
      if (reading === undefined || !('counts' in reading) || reading.counts.events === 0) return []
      const { events, bad } = reading.counts
      const cellMs = blockStart(grid, untilMs - 1)
      const onTime = { onTimeEvents: events, onTimeBad: bad }
      return [
        { counter: name, change: { variant, cellMs, countsFromMs: 0, events, bad, ...onTime } }
      ]
    })
  })
  const latencies =
    progress.cuts === undefined
      ? addPrimaryLatencies(progress.latencies, increases.primary)
      : progress.latencies
  return {
    progress: {
      ...progress,
      countedUntilMs: untilMs,
      notes,
      last,
      latencies,
      ...(progress.cuts === undefined ? cutsFrom(latencies) : {})
    },
    changes
  }
}

type Increases = Readonly<Record<'canary' | 'primary', ArmIncrease>>

/** @param counted which series count: none, known ones, or all; a new one counts with its whole value */
function takeReads(
  before: Readonly<Record<string, LastValues>>,
  reads: readonly CounterRead[],
  counted: 'none' | 'known' | 'all'
): { readonly increases: Increases; readonly last: Record<string, LastValues> } {
  const last: Record<string, LastValues> = { ...before }
  const arms = {
    canary: new Map<PrometheusCounter, readonly BucketIncrease[]>(),
    primary: new Map<PrometheusCounter, readonly BucketIncrease[]>()
  }
  // The primary is older than the run. Until one of its series was seen, its counts may be older too.
  const isPrimaryNew = !reads.some(
    ({ counter, variant }) =>
      variant === 'primary' && Object.keys(before[`${counter} primary`] ?? {}).length > 0
  )
  for (const { counter, variant, samples } of reads) {
    const key = `${counter} ${variant}`
    const known = last[key] ?? {}
    const isFirstSight = variant === 'primary' && isPrimaryNew
    const usable = counted === 'known' ? samples.filter(({ series }) => series in known) : samples
    const { bySeries } = increaseSince(known, usable)
    last[key] = increaseSince(known, samples).last
    arms[variant].set(counter, counted === 'none' || isFirstSight ? [] : bySeries)
  }
  return { increases: arms, last }
}

function addPrimaryLatencies(known: BucketIncrease, primary: ArmIncrease): BucketIncrease {
  return (primary.get('latency') ?? [])
    .filter(buckets => defectOfBuckets(buckets) === undefined)
    .reduce(addBuckets, known)
}

function cutsFrom(latencies: BucketIncrease): Pick<PrometheusProgress, 'cuts'> {
  if (eventsIn(latencies) < leastLatencies) return {}
  const cuts = cutQuantiles.map(level => edgeOfQuantile(latencies, level))
  return { cuts: cuts.flatMap(edge => edge ?? []) }
}
