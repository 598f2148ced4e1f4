import type { Registry } from 'prom-client'
import type { Route } from '../http/route.ts'

/**
 * Serves `/metrics` in Prometheus' text format.
 *
 * @param more returns further metric families in the same format
 */
export function metricsRoute(registry: Registry, more: () => string = () => ''): Route {
  return {
    method: 'GET',
    path: '/metrics',
    isExempt: true,
    handler: async () => ({
      status: 200,
      contentType: registry.contentType,
      body: (await registry.metrics()) + more()
    })
  }
}
