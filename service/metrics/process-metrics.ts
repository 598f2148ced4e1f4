import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** A registry with the process's own metrics and `mlgitops_build_info{version}`; one a process. */
export function createRegistry(version: string): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'mlgitops_build_info',
    help: 'Always 1; the labels say which mlgitops runs.',
    labelNames: ['version', 'node'],
    registers: [registry]
  }).set({ version, node: process.versions.node }, 1)
  return registry
}
