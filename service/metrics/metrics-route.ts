import type { Registry } from 'prom-client'
import type { Route } from '../http/route.ts'

/**
 * `/metrics` in Prometheus' text format.
 *
 * @param more further families in the same format, written when they are read
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
