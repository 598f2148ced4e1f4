import { hostname } from 'node:os'
import path from 'node:path'
import type { CommandInput, CommandResult, Print } from '../../common/command.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { parseListenAddress } from '../../service/http/listen-address.ts'
import { systemClock } from '../../service/kubernetes/clock.ts'
import { connect } from '../../service/kubernetes/connect.ts'
import { createLogger } from '../../service/log.ts'
import { createRegistry } from '../../service/metrics/process-metrics.ts'
import { shutdownOnSignal } from '../../service/shutdown.ts'
import { readServeFluxOptions, serveFluxUsage } from './serve-options.ts'
import { serveFlux } from './serve.ts'

const drainMs = 20_000

/**
 * `mlgitops serve flux`: runs until SIGTERM or SIGINT.
 *
 * @throws {Fault} for what it cannot start with, {@link UsageError} for the command line
 */
export async function serveFluxCommand(
  { args, env, folder }: CommandInput,
  print: Print
): Promise<CommandResult> {
  const choices = readServeFluxOptions({ args, env })
  if (choices === undefined) return { stdout: serveFluxUsage(), stderr: '', exitCode: 0 }
  const { version } = packageJson
  const logger = createLogger({
    level: 'info',
    write: line => process.stderr.write(line),
    now: () => Date.now()
  })
  const flux = await serveFlux({
    choices,
    listen: parseListenAddress(choices.listen, '--listen'),
    metricsListen: parseListenAddress(choices.metricsListen, '--metrics-listen'),
    storage: path.resolve(folder, choices.storage),
    client: connect(choices.kubeconfig, { env, folder }, `mlgitops/${version}`),
    registry: createRegistry(version),
    logger,
    clock: systemClock,
    now: () => new Date(),
    identity: `${env.POD_NAME ?? hostname()}_${process.pid}`,
    version,
    lost: () => process.exit(1)
  })
  print(`listening on ${flux.server.url}\n`)
  print(`metrics on ${flux.metricsServer.url}\n`)
  await shutdownOnSignal({
    signals: process,
    readiness: flux.readiness,
    servers: [flux.server],
    lastServers: [flux.metricsServer],
    graceMs: choices.graceMs,
    drainMs,
    stop: () => flux.stop(),
    logger,
    exit: code => process.exit(code)
  })
  return { stdout: '', stderr: '', exitCode: 0 }
}
