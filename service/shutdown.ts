import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningServer } from './http/server.ts'
import type { Logger } from './log.ts'
import type { Readiness } from './readiness.ts'

/** Emits the signals that end a service: the process, or an emitter of a test. */
export interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
  off(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
}

/** For scrapes that are in flight when everything else is closed. */
const lastCloseMs = 1_000

/** What is shut down, and how long each step takes. */
export interface ShutdownOptions {
  readonly signals: SignalSource
  readonly readiness: Readiness
  /** Closed together after the grace period. */
  readonly servers: readonly RunningServer[]
  /** Closed after those: the metrics server, so that the drain can be observed. */
  readonly lastServers?: readonly RunningServer[]
  /**
   * How long the servers still accept connections after the signal, in milliseconds: Kubernetes needs
   * some time to remove the pod from the endpoints of its Service.
   */
  readonly graceMs: number
  /** How long in-flight requests are then waited for, in milliseconds. */
  readonly drainMs: number
  /** Stops everything else: watches, timers, stores. Called after the servers are closed. */
  readonly stop?: () => void | Promise<void>
  readonly logger: Logger
  /** Ends the process; called with 1 on a second signal. */
  readonly exit: (code: number) => void
}

/**
 * Waits for SIGTERM or SIGINT and shuts down in order: not ready, answers that close their connections,
 * the grace period, close, `stop`. Resolves when everything is closed; the caller then exits with 0. A
 * second signal calls `exit(1)` at once.
 */
export async function shutdownOnSignal(options: ShutdownOptions): Promise<void> {
  const { readiness, servers, lastServers = [], logger, graceMs, drainMs } = options
  const release = await firstSignal(options)
  readiness.stop('the service is shutting down')
  for (const server of [...servers, ...lastServers]) server.drain()
  logger.info('shutting down', { graceMs, drainMs })
  await sleep(graceMs)
  const aborted = await Promise.all(servers.map(server => server.close(drainMs)))
  await options.stop?.()
  await Promise.all(lastServers.map(server => server.close(lastCloseMs)))
  const abortedRequests = aborted.reduce((sum, count) => sum + count, 0)
  if (abortedRequests > 0) logger.warn('aborted in-flight requests', { abortedRequests })
  logger.info('shut down')
  release()
}

/** Resolves on the first signal with a function that removes the listeners; the second calls `exit`. */
function firstSignal({ signals, exit }: ShutdownOptions): Promise<() => void> {
  return new Promise(resolve => {
    let isFirst = true
    const release = () => {
      signals.off('SIGTERM', listener)
      signals.off('SIGINT', listener)
    }
    const listener = () => {
      if (!isFirst) exit(1)
      isFirst = false
      resolve(release)
    }
    signals.on('SIGTERM', listener)
    signals.on('SIGINT', listener)
  })
}
