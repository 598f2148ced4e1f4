import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { ServerObserver } from '../http/observer.ts'
import type { Load } from '../http/load.ts'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'

/** From half a millisecond to the API server's longest timeout. */
const durationBoundsSeconds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30
]

/**
 * Counts requests by route and status and failed handshakes by reason, and logs internal errors.
 *
 * Metrics: `mlgitops_http_request_duration_seconds{route,code}`,
 * `mlgitops_tls_handshake_failures_total{reason}`, `mlgitops_http_accept_failures_total{reason}`,
 * `mlgitops_http_defects_total{route}`.
 */
export function httpObserver(registry: Registry, logger: Logger): ServerObserver {
  const registers = [registry]
  const durations = new Histogram({
    name: 'mlgitops_http_request_duration_seconds',
    help: 'Time from the headers of a request to its answer; code 499 if the client went away first.',
    labelNames: ['route', 'code'],
    buckets: durationBoundsSeconds,
    registers
  })
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
  const internalErrors = new Counter({
    name: 'mlgitops_http_defects_total',
    help: 'Requests answered 500 because of an internal error.',
    labelNames: ['route'],
    registers
  })
  return {
    request: ({ route, status, durationMs }) => {
      durations.observe({ route, code: status }, durationMs / 1_000)
    },
    handshakeFailed: reason => {
      handshakes.inc({ reason })
      logger.debug('TLS handshake failed', { reason })
    },
    acceptFailed: reason => {
      accepts.inc({ reason })
      logger.error('cannot accept a connection', { reason })
    },
    internalError: (route, error) => {
      internalErrors.inc({ route })
      logger.error('internal error while answering a request', { route, ...errorFields(error) })
    }
  }
}

/** Registers `mlgitops_http_requests_in_flight` and `mlgitops_http_body_bytes_held` of a server. */
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
