import type { CommandResult, Print } from '../common/command.ts'
import { UsageError } from '../common/command.ts'
import type { RunningServer } from './http/server.ts'
import { createLogger } from './log.ts'
import type { Logger } from './log.ts'
import type { Readiness } from './readiness.ts'
import { shutdownOnSignal } from './shutdown.ts'

/** A running service. */
export interface RunningService {
  readonly server: RunningServer
  /** Undefined where metrics are on the same address. */
  readonly metricsServer: RunningServer | undefined
  readonly readiness: Readiness
  /** Calls `announce` when the server has a certificate. Undefined for plain HTTP, which needs none. */
  readonly whenAnswering?: (announce: () => void) => void
  readonly stop: () => void | Promise<void>
}

/** How long in-flight requests are waited for, within the 30 seconds that Kubernetes gives a pod. */
const drainMs = 20_000

/** A logger to standard error. */
export function processLogger(): Logger {
  return createLogger({
    level: 'info',
    write: line => process.stderr.write(line),
    now: () => Date.now()
  })
}

/** The option `--grace-seconds` of every service. */
export const graceSecondsOption = {
  argument: 'N',
  default: '5',
  unit: 'seconds',
  description: 'how long connections are still accepted after SIGTERM'
} as const

/** `--grace-seconds` in milliseconds. @throws {UsageError} */
export function readGraceMs(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text) * 1_000
  throw new UsageError('--grace-seconds must be a whole number of seconds, at most 999')
}

/** Prints where a service listens as soon as it answers there, and runs it until SIGTERM or SIGINT. */
export async function serveUntilSignal(
  service: RunningService,
  { print, logger, graceMs }: { print: Print; logger: Logger; graceMs: number }
): Promise<CommandResult> {
  const { server, metricsServer, readiness } = service
  // Before anything is printed: who reads it may send a signal at once.
  const ended = shutdownOnSignal({
    signals: process,
    readiness,
    servers: [server],
    lastServers: metricsServer === undefined ? [] : [metricsServer],
    graceMs,
    drainMs,
    stop: () => service.stop(),
    logger,
    exit: code => process.exit(code)
  })
  const announce = () => {
    print(`listening on ${server.url}\n`)
  }
  if (service.whenAnswering === undefined) announce()
  else service.whenAnswering(announce)
  if (metricsServer !== undefined) print(`metrics on ${metricsServer.url}\n`)
  await ended
  return { stdout: '', stderr: '', exitCode: 0 }
}
