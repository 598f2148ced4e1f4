import type { Registry } from 'prom-client'
import { observeCertificates } from '../service/certificates/certificate-metrics.ts'
import { healthRoutes } from '../service/health-routes.ts'
import { admissionBodyLimitBytes } from '../service/http/limits.ts'
import type { ListenAddress } from '../service/http/listen-address.ts'
import type { Handler, Route } from '../service/http/route.ts'
import { startServer } from '../service/http/server.ts'
import type { RunningServer } from '../service/http/server.ts'
import type { Logger } from '../service/log.ts'
import { httpObserver, observeLoad } from '../service/metrics/http-metrics.ts'
import { metricsRoute } from '../service/metrics/metrics-route.ts'
import type { Readiness } from '../service/readiness.ts'
import type { KeepCertificates } from './certificates.ts'

/** Where a webhook listens and with which certificate. */
export interface ServersOptions {
  readonly listen: ListenAddress
  readonly metricsListen: ListenAddress
  readonly certificates: KeepCertificates
  readonly registry: Registry
  readonly logger: Logger
  readonly now: () => Date
}

/** The servers of a webhook, listening. */
export interface Servers {
  readonly server: RunningServer
  readonly metricsServer: RunningServer
  /** Calls `say` when the first certificate is loaded, immediately if one already is. */
  readonly whenAnswering: (say: () => void) => void
  /** Stops renewing the certificate. */
  stop(): void
}

/**
 * Starts `/validate` over HTTPS and metrics over HTTP, health on both, and keeps the certificate
 * current. If one part fails to start, the others are stopped.
 *
 * @throws {Fault} for an invalid certificate, and as {@link startServer}
 */
export async function startServers(
  options: ServersOptions,
  readiness: Readiness,
  handler: Handler
): Promise<Servers> {
  const { registry, logger } = options
  const observer = httpObserver(registry, logger)
  const health = healthRoutes(readiness)
  const bodyLimitBytes = admissionBodyLimitBytes
  const routes: readonly Route[] = [
    { method: 'POST', path: '/validate', handler, bodyLimitBytes },
    { method: 'POST', path: '/validate/:policySet', handler, bodyLimitBytes },
    ...health
  ]
  const cleanups: (() => unknown)[] = []
  try {
    const server = await startServer({ listen: options.listen, tls: {}, observer, routes })
    cleanups.push(() => server.close(0))
    observeLoad(registry, server.load)
    let isAnswering = false
    let sayLater: (() => void) | undefined
    const certificates = await options.certificates(pair => {
      server.setSecureContext(pair)
      isAnswering = true
      sayLater?.()
      sayLater = undefined
    })
    cleanups.push(() => {
      certificates.stop()
    })
    readiness.add('certificate', () => certificates.served.notReadyReason())
    observeCertificates(registry, certificates.served)
    const metricsServer = await startServer({
      listen: options.metricsListen,
      routes: [metricsRoute(registry), ...health],
      observer
    })
    return {
      server,
      metricsServer,
      whenAnswering: say => {
        if (isAnswering) say()
        else sayLater = say
      },
      stop: () => {
        certificates.stop()
      }
    }
  } catch (error) {
    for (const cleanup of cleanups) await cleanup()
    throw error
  }
}
