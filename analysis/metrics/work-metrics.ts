import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import { refusalReasons } from '../event/message.ts'
import type { AnalysisObserver } from '../observer.ts'
import type { Store } from '../store/store.ts'

const ingestResults = [
  'counted',
  'kept',
  'late',
  'duplicate',
  'correction',
  'before-run',
  'orphaned'
] as const

/**
 * Returns an observer that counts what the analysis does, and registers gauges of its store.
 *
 * Metrics: `mlgitops_analysis_events_total{result}`, `mlgitops_analysis_events_refused_total{reason}`,
 * `mlgitops_analysis_events_unknown_rollout_total`, `mlgitops_analysis_hooks_total{type,status}`,
 * `mlgitops_analysis_events_orphaned`,
 * `mlgitops_analysis_store_bytes`.
 */
export function workMetrics(
  registry: Registry,
  store: Store
): Omit<AnalysisObserver, 'storeUnusable'> {
  const registers = [registry]
  const events = new Counter({
    name: 'mlgitops_analysis_events_total',
    help: 'Accepted events by result. Late events count in rates but not in comparisons; kept events have no open run.',
    labelNames: ['result'],
    registers
  })
  const refused = new Counter({
    name: 'mlgitops_analysis_events_refused_total',
    help: 'Refused events by reason.',
    labelNames: ['reason'],
    registers
  })
  const unknown = new Counter({
    name: 'mlgitops_analysis_events_unknown_rollout_total',
    help: 'Accepted events of rollouts that no hook, ModelAnalysis or Canary names.',
    registers
  })
  const hooks = new Counter({
    name: 'mlgitops_analysis_hooks_total',
    help: 'Answered hook calls by type and HTTP status.',
    labelNames: ['type', 'status'],
    registers
  })
  for (const result of ingestResults) events.inc({ result }, 0)
  for (const reason of refusalReasons) refused.inc({ reason }, 0)
  registerGauges(registers, store)
  return {
    ingested: (result, count) => {
      events.inc({ result }, count)
    },
    refused: reason => {
      refused.inc({ reason })
    },
    unknownRollout: () => {
      unknown.inc()
    },
    hookAnswered: (type, status) => {
      hooks.inc({ type, status })
    }
  }
}

function registerGauges(registers: Registry[], store: Store): void {
  new Gauge({
    name: 'mlgitops_analysis_events_orphaned',
    help: 'Labels, requests and responses whose prediction has not arrived.',
    registers,
    collect() {
      this.set(store.occurrencesOfAll().get('orphaned') ?? 0)
    }
  })
  new Gauge({
    name: 'mlgitops_analysis_store_bytes',
    help: 'Size of the state file in bytes, without its write-ahead log.',
    registers,
    collect() {
      this.set(store.sizeBytes())
    }
  })
}
