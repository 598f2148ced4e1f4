import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { ServerObserver } from '../http/observer.ts'
import type { Load } from '../http/load.ts'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import { RequestDurations } from './request-durations.ts'

/**
 * An observer that counts requests by route and status and failed handshakes by reason, and logs
 * defects.
 *
 * Metrics: `mlgitops_http_request_duration_seconds{route,code}`,
 * `mlgitops_tls_handshake_failures_total{reason}`, `mlgitops_http_accept_failures_total{reason}`,
 * `mlgitops_http_defects_total{route}`.
 */
export function httpObserver(registry: Registry, logger: Logger): ServerObserver {
  const registers = [registry]
  const durations = new RequestDurations(registry)
  const handshakes = new Counter({
    name: 'mlgitops_tls_handshake_failures_total',
    help: 'Failed TLS handshakes by reason, such as a client that does not trust our CA.',
    labelNames: ['reason'],
    registers
  })
  const accepts = new Counter({
    name: 'mlgitops_http_accept_failures_total',
    help: 'Connections that could not be accepted, by reason; EMFILE means too many open files.',
    labelNames: ['reason'],
    registers
  })
  const defects = new Counter({
    name: 'mlgitops_http_defects_total',
    help: 'Requests answered 500 because of an internal error.',
    labelNames: ['route'],
    registers
  })
  return {
    request: record => {
      durations.count(record)
    },
    handshakeFailed: reason => {
      handshakes.inc({ reason })
      logger.debug('TLS handshake failed', { reason })
    },
    acceptFailed: reason => {
      accepts.inc({ reason })
      logger.error('cannot accept a connection', { reason })
    },
    defect: (route, error) => {
      defects.inc({ route })
      logger.error('internal error while answering a request', { route, ...errorFields(error) })
    }
  }
}

/** `mlgitops_http_requests_in_flight` and `mlgitops_http_body_bytes_held` of a server. */
export function observeLoad(registry: Registry, load: Load): void {
  const registers = [registry]
  new Gauge({
    name: 'mlgitops_http_requests_in_flight',
    help: 'In-flight requests: between their headers and their answer.',
    registers,
    collect() {
      this.set(load.requests)
    }
  })
  new Gauge({
    name: 'mlgitops_http_body_bytes_held',
    help: 'Bytes of request bodies in memory.',
    registers,
    collect() {
      this.set(load.bodyBytes)
    }
  })
}
