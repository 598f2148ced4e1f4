import type { WindowRules } from './advance.ts'
import { beginProgress } from './advance.ts'
import { blockStart } from '../counter/grid.ts'
import type { SourceDown } from '../source/exchange.ts'
import type { PrometheusProgress } from './progress.ts'
import { readCounters, UnusableSamples } from './read-counters.ts'
import type { CounterQuery, CounterRead, PrometheusConnection } from './read-counters.ts'

/** Blocks of the primary before the run, which show how bursty its bad events are. */
const historyBlocks = 10
const maxTries = 3

/** The progress of a run whose first counters were read, or that tries again. */
export interface Begun {
  readonly progress: PrometheusProgress
  readonly changes: readonly []
  /** Why the first counters cannot be used. */
  readonly failed?: SourceDown
}

/** What a start of a run depends on, in milliseconds since 1970. */
export interface BeginAt {
  readonly startedMs: number
  readonly readableMs: number
  readonly blockMs: number
  readonly rules: WindowRules
}

/**
 * Reads the counters at the start of a run, and the primary's history. A time whose samples cannot be used is left
 * behind after three tries: counting then starts with the next block, and the verdict says so.
 *
 * @throws {SourceDown} if Prometheus cannot be reached
 */
export async function begin(
  connection: PrometheusConnection,
  queries: readonly CounterQuery[],
  waiting: PrometheusProgress | undefined,
  { startedMs, readableMs, blockMs, rules }: BeginAt
): Promise<Begun> {
  const fromMs = waiting?.countedUntilMs ?? startedMs
  const notes = waiting?.notes ?? {}
  try {
    const before = await readHistory(connection, queries, { startedMs: fromMs, blockMs })
    const start = await readCounters(connection, queries, fromMs)
    const progress = beginProgress(before, start, { startedMs: fromMs, rules })
    return { progress: { ...progress, notes }, changes: [] }
  } catch (error) {
    if (!(error instanceof UnusableSamples)) throw error
    const tries = (waiting?.tries ?? 0) + 1
    const nextMs = blockStart({ blockMs }, fromMs) + blockMs
    const none = { history: {}, last: {}, latencies: [], isBegun: false } as const
    if (tries < maxTries || nextMs > readableMs) {
      return {
        progress: { ...none, countedUntilMs: fromMs, notes, tries },
        changes: [],
        failed: error
      }
    }
    const note = `counting started ${Math.round((nextMs - startedMs) / 1_000)} s after the run: ${error.why}`
    const left = Object.fromEntries(rules.counters.map(({ name }) => [name, note]))
    return { progress: { ...none, countedUntilMs: nextMs, notes: left }, changes: [] }
  }
}

/** Reads the primary before the run. A time whose samples cannot be used is left out. */
async function readHistory(
  connection: PrometheusConnection,
  queries: readonly CounterQuery[],
  { startedMs, blockMs }: { readonly startedMs: number; readonly blockMs: number }
): Promise<readonly (readonly CounterRead[])[]> {
  const ofPrimary = queries.filter(({ variant }) => variant === 'primary')
  const lastMs = blockStart({ blockMs }, startedMs)
  const times = Array.from(
    { length: historyBlocks + 1 },
    (_, at) => lastMs - (historyBlocks - at) * blockMs
  )
  const reads = await Promise.all(times.map(atMs => readUsable(connection, ofPrimary, atMs)))
  return reads.filter(read => read !== undefined)
}

async function readUsable(
  connection: PrometheusConnection,
  queries: readonly CounterQuery[],
  atMs: number
): Promise<readonly CounterRead[] | undefined> {
  try {
    return await readCounters(connection, queries, atMs)
  } catch (error) {
    if (error instanceof UnusableSamples) return undefined
    throw error
  }
}
