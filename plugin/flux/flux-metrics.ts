import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { WorkQueue } from '../../service/kubernetes/work-queue.ts'
import type { Attempts } from './release/attempt.ts'
import type { SourceCache } from './source/source-cache.ts'

/** What is counted. */
export interface Observed {
  readonly queue: Pick<WorkQueue, 'counts' | 'length'>
  readonly attempts: Pick<Attempts, 'renders'>
  readonly cache: Pick<SourceCache, 'downloads'>
}

/** Metrics of the controller. */
export function observe(registry: Registry, { queue, attempts, cache }: Observed): void {
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
  new Gauge({
    name: 'mlgitops_flux_waiting_releases',
    help: 'Releases that wait to be looked at.',
    registers: [registry],
    collect() {
      this.set(queue.length)
    }
  })
}
