import type { Variant } from '../counter/outcome.ts'
import type { LogHistogram } from '../statistics/latency/log-histogram.ts'
import type { LatenciesOfArms } from './analysis-state.ts'
import type { LiveRun } from './rollouts.ts'

/** Returns the latencies of both variants as histograms. */
export function latenciesOf(run: LiveRun): LatenciesOfArms {
  return { primary: histogramOf(run, 'primary'), canary: histogramOf(run, 'canary') }
}

/** Returns the latencies of one variant as a histogram. */
export function histogramOf(run: LiveRun, variant: Variant): LogHistogram {
  return [...run.latencies[variant]].sort(([a], [b]) => a - b)
}
