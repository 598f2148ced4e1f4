import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { WorkQueue } from '../../service/kubernetes/work-queue.ts'
import type { Readiness } from '../../service/readiness.ts'
import type { Attempts } from './release/attempt.ts'
import type { SourceCache } from './source/source-cache.ts'
import type { Watched } from './watched.ts'

/** What is counted. */
export interface Observed {
  readonly queue: Pick<WorkQueue, 'counts' | 'length'>
  readonly attempts: Pick<Attempts, 'renders'>
  readonly cache: Pick<SourceCache, 'downloads'>
  readonly watched: Pick<Watched, 'notReady'>
  readonly readiness: Pick<Readiness, 'isReady'>
}

/** Metrics of the controller. */
export function observe(
  registry: Registry,
  { queue, attempts, cache, watched, readiness }: Observed
): void {
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      ...{ name, help, registers: [registry] },
      collect() {
        this.reset()
        this.inc(read())
      }
    })
  counter('mlgitops_flux_renders_total', 'Renders of releases.', () => attempts.renders)
  counter('mlgitops_flux_downloads_total', 'Downloads of sources.', () => cache.downloads)
  counter('mlgitops_flux_looks_total', 'Looks at releases that came to an end.', () => {
    return queue.counts.done
  })
  counter('mlgitops_flux_failures_total', 'Looks at releases that are repeated soon.', () => {
    return queue.counts.failed
  })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        this.set(read())
      }
    })
  gauge('mlgitops_flux_waiting_releases', 'Releases that wait to be looked at.', () => queue.length)
  gauge('mlgitops_flux_ready', '1 for a replica that works and serves artifacts.', () =>
    Number(readiness.isReady)
  )
  new Gauge({
    name: 'mlgitops_flux_release_not_ready',
    help: 'Always 1; a release whose condition Ready is not True, and why.',
    labelNames: ['namespace', 'name', 'reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const release of watched.notReady) this.set({ ...release }, 1)
    }
  })
}
