import path from 'node:path'
import { UsageError } from '../common/command.ts'
import type { CommandInput, CommandResult, Print } from '../common/command.ts'
import { readOptions } from '../common/options.ts'
import packageJson from '../package.json' with { type: 'json' }
import { parseListenAddress } from '../service/http/listen-address.ts'
import { createRegistry } from '../service/metrics/process-metrics.ts'
import { processLogger, readGraceMs, serveUntilSignal } from '../service/serve-process.ts'
import { readRolloutOf } from './event/rollout-of.ts'
import { chooseObjectives } from './objectives/choose-objectives.ts'
import { serveAnalysis } from './serve.ts'
import { serveAnalysisOptions, serveAnalysisUsage } from './serve-options.ts'
import { readGuards, readRetention } from './guard-options.ts'
import { readSourceOptions } from './source/source-options.ts'
import { openSqliteStore } from './store/sqlite-store.ts'

/**
 * Runs `mlgitops serve analysis` until SIGTERM or SIGINT.
 *
 * @throws {Fault} if it cannot start, {@link UsageError} for the command line
 */
export async function serveAnalysisCommand(
  { args, env, folder }: CommandInput,
  print: Print
): Promise<CommandResult> {
  const { given, isHelp, positionals } = readOptions(serveAnalysisOptions, { args })
  if (isHelp) return { stdout: serveAnalysisUsage(), stderr: '', exitCode: 0 }
  if (positionals.length > 0) throw new UsageError('serve analysis takes options only')
  const { state, 'metrics-listen': metricsListen } = given
  const graceMs = readGraceMs(given['grace-seconds'])
  const namespaces = given.namespace.length === 0 ? undefined : given.namespace
  const listen = parseListenAddress(given.listen, '--listen')
  const metrics =
    metricsListen === undefined ? undefined : parseListenAddress(metricsListen, '--metrics-listen')
  const logger = processLogger()
  const registry = createRegistry(packageJson.version)
  const analysis = await serveAnalysis({
    listen,
    metricsListen: metrics,
    store: openSqliteStore(state === undefined ? ':memory:' : path.resolve(folder, state)),
    objectives: await chooseObjectives({ ...given, namespaces }, { env, folder, registry, logger }),
    namespaces,
    sources: readSourceOptions(given, listen, process.env),
    guards: readGuards(given, folder),
    rolloutOf: readRolloutOf(given['rollout-of']),
    retentionMs: readRetention(given.retention),
    registry,
    logger,
    nowMs: () => Date.now()
  })
  return serveUntilSignal(analysis, { print, logger, graceMs })
}
