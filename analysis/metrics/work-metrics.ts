import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import { refusalReasons } from '../event/message.ts'
import type { AnalysisObserver } from '../observer.ts'
import type { Store } from '../store/store.ts'

const resultsOfEvents = [
  'counted',
  'kept',
  'late',
  'duplicate',
  'correction',
  'before-run',
  'orphaned'
] as const

/**
 * An observer that counts what the analysis does, and gauges of what it keeps.
 *
 * Metrics: `mlgitops_analysis_events_total{result}`, `mlgitops_analysis_events_refused_total{reason}`,
 * `mlgitops_analysis_hooks_total{type,status}`, `mlgitops_analysis_events_orphaned`,
 * `mlgitops_analysis_store_bytes`.
 */
export function workMetrics(
  registry: Registry,
  store: Store
): Omit<AnalysisObserver, 'storeUnusable'> {
  const registers = [registry]
  const events = new Counter({
    name: 'mlgitops_analysis_events_total',
    help: 'Events taken, by what became of them: late ones count in rates but no more in comparisons; kept ones have no run to count for.',
    labelNames: ['result'],
    registers
  })
  const refused = new Counter({
    name: 'mlgitops_analysis_events_refused_total',
    help: 'Events refused, by what is wrong with them.',
    labelNames: ['reason'],
    registers
  })
  const hooks = new Counter({
    name: 'mlgitops_analysis_hooks_total',
    help: 'Hook calls answered, by type and status.',
    labelNames: ['type', 'status'],
    registers
  })
  for (const result of resultsOfEvents) events.inc({ result }, 0)
  for (const reason of refusalReasons) refused.inc({ reason }, 0)
  new Gauge({
    name: 'mlgitops_analysis_events_orphaned',
    help: 'Labels and halves whose prediction has not come.',
    registers,
    collect() {
      this.set(store.occurrencesOfAll().get('orphaned') ?? 0)
    }
  })
  new Gauge({
    name: 'mlgitops_analysis_store_bytes',
    help: 'Size of the state, without its log.',
    registers,
    collect() {
      this.set(store.sizeBytes())
    }
  })
  return {
    ingested: (result, count) => {
      events.inc({ result }, count)
    },
    refused: reason => {
      refused.inc({ reason })
    },
    hookAnswered: (type, status) => {
      hooks.inc({ type, status })
    }
  }
}
