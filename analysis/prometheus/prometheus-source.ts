import { blockStart } from '../counter/grid.ts'
import type { RolloutName } from '../event/message.ts'
import type { PrometheusSettings } from '../settings/prometheus-settings.ts'
import type { LiveAnalysis, LiveRun, Rollouts } from '../run/rollouts.ts'
import type { Exchange, SourceDown } from '../source/exchange.ts'
import type { Store } from '../store/store.ts'
import { advance } from './advance.ts'
import type { WindowRules } from './advance.ts'
import { begin } from './begin.ts'
import { readProgress, writeProgress } from './progress.ts'
import type { PrometheusProgress } from './progress.ts'
import {
  queriesOf,
  readCounters,
  readWindow,
  refuseNative,
  UnusableSamples
} from './read-counters.ts'
import type { CounterQuery, PrometheusConnection } from './read-counters.ts'

/** What a pull of counts uses. */
export interface PullOptions {
  readonly store: Store
  readonly rollouts: Rollouts
  readonly exchange: Exchange
  readonly nowMs: () => number
}

/** An analysis and the Prometheus that its counts are pulled from. */
export interface Pulled {
  readonly rollout: RolloutName
  readonly run: LiveRun
  readonly live: LiveAnalysis
  readonly settings: PrometheusSettings
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/** A pull that is far behind reads longer windows instead of more windows. */
const maxWindows = 10

/**
 * Adds what Prometheus counted since the last pull, window by window; each window is durable before the next
 * is read. Until the start of the run can be read, the counters are queried only to report a source that is
 * down.
 *
 * @throws {SourceDown}
 */
export async function pullCounts(options: PullOptions, pulled: Pulled): Promise<void> {
  const { settings, run, rollout } = pulled
  const { state, row } = pulled.live
  const signal = AbortSignal.timeout(settings.timeoutMs)
  const { url, headers } = pulled
  const connection: PrometheusConnection = { url, headers, exchange: options.exchange, signal }
  const target = settings.target ?? rollout.name
  const queries = queriesOf(settings, { ...rollout, target })
  const readableMs = options.nowMs() - settings.lagMs
  const { startedMs } = run.row
  let progress = readProgress(row.sourceState)
  const rules: WindowRules = { counters: state.counters, unitMs: settings.unitMs }
  const { blockMs } = state.analysis
  if (progress === undefined && readableMs < startedMs) {
    await readCounters(connection, queries, options.nowMs())
    return
  }
  while (progress === undefined || progress.isBegun === false) {
    const at = { startedMs, readableMs, blockMs, rules }
    const begun = await begin(connection, queries, progress, at)
    if (!save(options, pulled, begun)) return
    if (begun.failed !== undefined) throw begun.failed
    progress = begun.progress
  }
  const ends = windowEnds(progress.countedUntilMs, readableMs, blockMs)
  if (ends.length === 0) await readCounters(connection, queries, progress.countedUntilMs)
  for (const untilMs of ends) {
    const advanced = await nextWindow(connection, queries, { progress, untilMs, rules })
    if (!save(options, pulled, advanced)) return
    if (advanced.failed !== undefined) throw advanced.failed
    progress = advanced.progress
  }
}

const maxTries = 3

/** Reads a window. One whose samples cannot be used is left behind after three tries, with a note. */
async function nextWindow(
  connection: PrometheusConnection,
  queries: readonly CounterQuery[],
  {
    progress,
    untilMs,
    rules
  }: {
    readonly progress: PrometheusProgress
    readonly untilMs: number
    readonly rules: WindowRules
  }
): Promise<ReturnType<typeof advance> & { readonly failed?: SourceDown }> {
  const { tries: failed = 0, ...rest } = progress
  try {
    const reads = await readWindow(connection, queries, { fromMs: rest.countedUntilMs, untilMs })
    await refuseNative(connection, reads, untilMs)
    return advance(rest, reads, untilMs, rules)
  } catch (error) {
    if (!(error instanceof UnusableSamples)) throw error
    const tries = failed + 1
    if (tries < maxTries) {
      return { progress: { ...rest, tries }, changes: [], failed: error }
    }
    const note = `a window was left behind after ${maxTries} tries: ${error.why}`
    const notes = Object.fromEntries(rules.counters.map(({ name }) => [name, note]))
    return { progress: { ...rest, countedUntilMs: untilMs, notes }, changes: [] }
  }
}

/** Returns the ends of the windows that are due: at most `maxWindows` ends of blocks. */
export function windowEnds(fromMs: number, readableMs: number, blockMs: number): readonly number[] {
  const lastMs = blockStart({ blockMs }, readableMs)
  const firstMs = blockStart({ blockMs }, fromMs) + blockMs
  const blocks = Math.floor((lastMs - firstMs) / blockMs) + 1
  if (!(blocks > 0)) return []
  const windows = Math.min(blocks, maxWindows)
  return Array.from(
    { length: windows },
    (_, at) => lastMs - Math.floor(((windows - 1 - at) * blocks) / windows) * blockMs
  )
}

/** Stores a window. @returns false if the run is over: its window is dropped */
function save(
  { store, rollouts }: PullOptions,
  { rollout, live }: Pulled,
  { progress, changes }: ReturnType<typeof advance>
): boolean {
  const { id } = live.row
  const run = rollouts.find(rollout)?.run
  const current = run?.analyses.find(({ row }) => row.id === id)
  if (current === undefined || run?.row.endedMs !== null) return false
  rollouts.transaction(() => {
    for (const { counter, change } of changes) store.addChange({ analysis: id, counter, change })
    rollouts.updateAnalysis(current, { sourceState: writeProgress(progress) })
  })
  for (const { counter, change } of changes) current.state.add(counter, change)
  current.state.setSource(progress)
  return true
}
