import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Informer } from './informer.ts'

type Observed = Pick<Informer, 'name' | 'size' | 'counts' | 'silentMs'>

/**
 * Metrics of informers by `resource`: `mlgitops_kubernetes_objects`,
 * `mlgitops_kubernetes_silent_seconds`, `mlgitops_kubernetes_lists_total`,
 * `mlgitops_kubernetes_failures_total`, `mlgitops_kubernetes_missed_changes_total`.
 */
export function observeInformers(registry: Registry, informers: readonly Observed[]): void {
  const gauge = (name: string, help: string, read: (informer: Observed) => number | undefined) =>
    new Gauge({
      name,
      help,
      labelNames: ['resource'],
      registers: [registry],
      collect() {
        for (const informer of informers) {
          const value = read(informer)
          if (value !== undefined) this.set({ resource: informer.name }, value)
        }
      }
    })
  const counter = (name: string, help: string, read: (informer: Observed) => number) =>
    new Counter({
      name,
      help,
      labelNames: ['resource'],
      registers: [registry],
      collect() {
        this.reset()
        for (const informer of informers) this.inc({ resource: informer.name }, read(informer))
      }
    })
  gauge('mlgitops_kubernetes_objects', 'Objects in the cache of the informer.', each => each.size)
  gauge(
    'mlgitops_kubernetes_silent_seconds',
    'Time since the API server last sent something about the resource.',
    ({ silentMs }) => (silentMs === undefined ? undefined : silentMs / 1_000)
  )
  counter('mlgitops_kubernetes_lists_total', 'Complete lists read.', ({ counts }) => counts.relists)
  counter(
    'mlgitops_kubernetes_failures_total',
    'Failed lists and watches.',
    ({ counts }) => counts.failures
  )
  counter(
    'mlgitops_kubernetes_missed_changes_total',
    'Changes that a list found and the watch had missed.',
    ({ counts }) => counts.missedChanges
  )
}
