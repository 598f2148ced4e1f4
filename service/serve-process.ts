import type { CommandResult, Print } from '../common/command.ts'
import { UsageError } from '../common/command.ts'
import type { RunningServer } from './http/server.ts'
import { createLogger } from './log.ts'
import type { Logger } from './log.ts'
import type { Readiness } from './readiness.ts'
import { shutdownOnSignal } from './shutdown.ts'

/** A service that answers. */
export interface RunningService {
  readonly server: RunningServer
  /** Undefined where metrics are on the same address. */
  readonly metricsServer: RunningServer | undefined
  readonly readiness: Readiness
  /** Calls `say` once the server answers: at once, or when it has a certificate. Undefined for HTTP. */
  readonly whenAnswering?: (say: () => void) => void
  readonly stop: () => void | Promise<void>
}

/** How long requests at work are waited for, within the 30 seconds that Kubernetes gives a pod. */
const drainMs = 20_000

/** The log of this process: standard error. */
export function processLogger(): Logger {
  return createLogger({
    level: 'info',
    write: line => process.stderr.write(line),
    now: () => Date.now()
  })
}

/** `--grace-seconds`, as every service has it. */
export const graceSecondsOption = {
  argument: 'N',
  default: '5',
  unit: 'seconds',
  description: 'how long connections are still taken after SIGTERM'
} as const

/** `--grace-seconds` in milliseconds. @throws {UsageError} */
export function readGraceMs(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text) * 1_000
  throw new UsageError('--grace-seconds is a whole number of seconds, at most 999')
}

/**
 * Prints where a service listens, when it answers there, and keeps this process until SIGTERM or SIGINT
 * has ended it.
 */
export async function serveUntilSignal(
  service: RunningService,
  { print, logger, graceMs }: { print: Print; logger: Logger; graceMs: number }
): Promise<CommandResult> {
  const { server, metricsServer, readiness } = service
  const say = () => {
    print(`listening on ${server.url}\n`)
  }
  if (service.whenAnswering === undefined) say()
  else service.whenAnswering(say)
  if (metricsServer !== undefined) print(`metrics on ${metricsServer.url}\n`)
  await shutdownOnSignal({
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
  return { stdout: '', stderr: '', exitCode: 0 }
}
