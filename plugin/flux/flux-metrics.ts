import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { WorkQueue } from '../../service/kubernetes/work-queue.ts'
import type { Readiness } from '../../service/readiness.ts'
import type { Renderings } from './release/renderings.ts'
import type { SourceCache } from './source/source-cache.ts'
import type { Watched } from './watched.ts'

/** The parts of the controller that metrics read. */
export interface Observed {
  readonly queue: Pick<WorkQueue, 'counts' | 'length'>
  readonly renderings: Pick<Renderings, 'renders'>
  readonly cache: Pick<SourceCache, 'downloads'>
  readonly watched: Pick<Watched, 'notReady'>
  readonly readiness: Pick<Readiness, 'isReady'>
}

/** Registers the metrics of the controller. They are read on each scrape. */
export function observe(
  registry: Registry,
  { queue, renderings, cache, watched, readiness }: Observed
): void {
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      ...{ name, help, registers: [registry] },
      collect() {
        this.reset()
        this.inc(read())
      }
    })
  counter('mlgitops_flux_renders_total', 'Renders of releases.', () => renderings.renders)
  counter('mlgitops_flux_downloads_total', 'Started downloads of sources.', () => cache.downloads)
  counter('mlgitops_flux_looks_total', 'Reconciliations of releases that finished.', () => {
    return queue.counts.done
  })
  counter(
    'mlgitops_flux_failures_total',
    'Reconciliations of releases that failed and are retried soon.',
    () => {
      return queue.counts.failed
    }
  )
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        this.set(read())
      }
    })
  gauge('mlgitops_flux_waiting_releases', 'Releases in the work queue.', () => queue.length)
  gauge(
    'mlgitops_flux_ready',
    '1 if this replica is ready: it reconciles releases and serves artifacts.',
    () => Number(readiness.isReady)
  )
  new Gauge({
    name: 'mlgitops_flux_release_not_ready',
    help: 'Always 1, for each release whose condition Ready is not True, with its reason.',
    labelNames: ['namespace', 'name', 'reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const release of watched.notReady) this.set({ ...release }, 1)
    }
  })
}
