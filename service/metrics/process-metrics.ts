import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** A registry with the metrics of the process and `mlgitops_build_info{version}`; one per process. */
export function createRegistry(version: string): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'mlgitops_build_info',
    help: 'Always 1; the labels are the versions of mlgitops and Node.',
    labelNames: ['version', 'node'],
    registers: [registry]
  }).set({ version, node: process.versions.node }, 1)
  return registry
}
