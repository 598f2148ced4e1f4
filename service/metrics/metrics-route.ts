import type { Registry } from 'prom-client'
import type { Route } from '../http/router.ts'

/** `/metrics` in Prometheus' text format. */
export function metricsRoute(registry: Registry): Route {
  return {
    method: 'GET',
    path: '/metrics',
    isExempt: true,
    handler: async () => ({
      status: 200,
      contentType: registry.contentType,
      body: await registry.metrics()
    })
  }
}
