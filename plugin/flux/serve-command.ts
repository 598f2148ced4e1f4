import { hostname } from 'node:os'
import path from 'node:path'
import type { CommandInput, CommandResult, Print } from '../../common/command.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { parseListenAddress } from '../../service/http/listen-address.ts'
import { systemClock } from '../../service/kubernetes/clock.ts'
import { connect } from '../../service/kubernetes/connect.ts'
import { createRegistry } from '../../service/metrics/process-metrics.ts'
import { processLogger, serveUntilSignal } from '../../service/serve-process.ts'
import { readServeFluxOptions, serveFluxUsage } from './serve-options.ts'
import { serveFlux } from './serve.ts'
import { readServiceSigning } from '../signer/read-signing.ts'

/**
 * Runs `mlgitops serve flux` until SIGTERM or SIGINT.
 *
 * @throws {Fault} if it cannot start, {@link UsageError} for a wrong command line
 */
export async function serveFluxCommand(
  { args, env, folder }: CommandInput,
  print: Print
): Promise<CommandResult> {
  const choices = readServeFluxOptions({ args, env })
  if (choices === undefined) return { stdout: serveFluxUsage(), stderr: '', exitCode: 0 }
  const { version } = packageJson
  const logger = processLogger()
  const flux = await serveFlux({
    choices,
    listen: parseListenAddress(choices.listen, '--listen'),
    metricsListen: parseListenAddress(choices.metricsListen, '--metrics-listen'),
    storage: path.resolve(folder, choices.storage),
    signing: readServiceSigning(choices, { env, folder, named: choices.named }),
    client: await connect(choices.kubeconfig, { env, folder }, `mlgitops/${version}`),
    registry: createRegistry(version),
    logger,
    clock: systemClock,
    now: () => new Date(),
    identity: `${env.POD_NAME ?? hostname()}_${process.pid}`,
    version,
    lost: () => process.exit(1)
  })
  return serveUntilSignal(flux, { print, logger, graceMs: choices.graceMs })
}
