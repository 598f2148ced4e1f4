import path from 'node:path'
import { parseCommandLine } from '../common/command-line.ts'
import type { CommandInput, CommandResult, Print } from '../common/command.ts'
import packageJson from '../package.json' with { type: 'json' }
import { parseListenAddress } from '../service/http/listen-address.ts'
import { createRegistry } from '../service/metrics/process-metrics.ts'
import { processLogger, readGraceMs, serveUntilSignal } from '../service/serve-process.ts'
import { chooseObjectives } from './objectives/choose-objectives.ts'
import { serveAnalysis } from './serve.ts'
import { readGuards, readRetention } from './guard-options.ts'
import { readSourceOptions } from './source/source-options.ts'
import { openSqliteStore } from './store/sqlite-store.ts'

/** What `mlgitops serve analysis --help` prints. */
export const serveAnalysisUsage = `Usage: mlgitops serve analysis [options]

Answers Flagger's webhooks (POST /webhook/TYPE) from what predictions and labels (POST /v1/events) show
about a canary.

  --listen HOST:PORT          where it answers (default :8080); port 0 is any free one
  --metrics-listen HOST:PORT  /metrics on an address of its own (default: on the main one)
  --objectives DIR            ModelAnalysis files; changed ones are taken over while it runs
  --cluster                   in their place those of the cluster around the pod, which get a status
  --kubeconfig FILE           in their place those of the cluster of its current context
  --state FILE                the SQLite file that keeps everything (default: in memory, lost at the end)
  --namespace NS              judge canaries of this namespace only; may be repeated
  --prometheus URL            a Prometheus that objectives may ask, the first one by default; may be repeated
  --allow URL                 an address that objectives may name, with all under its path; may be repeated,
                              and the host may begin with *. (default: Services of the Canary's namespace,
                              and loopback where --listen is on loopback)
  --token URL=file:PATH       a bearer token for an address, or URL=env:NAME; may be repeated
  --files DIR                 labelled sets and baselines that objectives may name, in a folder for each
                              namespace (default: none, or any file where --listen is on loopback)
  --hook-auth FILE            who may call hooks: a file of tokens and user:password, one a line, which is
                              read again when it changes (Flagger: https://user:password@host/...)
  --event-auth FILE           the same for those who send events
  --view-auth FILE            the same for pages, verdicts, queries and /metrics on the main address
  --retention DURATION        how long predictions wait for a label (default 168h)
  --grace-seconds N           how long connections are still taken after SIGTERM (default 5)
  --help

/healthz and /readyz answer as well. SIGTERM drains and exits 0.
`

const options = {
  listen: { type: 'string', default: ':8080' },
  'metrics-listen': { type: 'string' },
  objectives: { type: 'string' },
  cluster: { type: 'boolean' },
  kubeconfig: { type: 'string' },
  state: { type: 'string' },
  namespace: { type: 'string', multiple: true },
  prometheus: { type: 'string', multiple: true },
  allow: { type: 'string', multiple: true },
  token: { type: 'string', multiple: true },
  files: { type: 'string' },
  'hook-auth': { type: 'string' },
  'event-auth': { type: 'string' },
  'view-auth': { type: 'string' },
  retention: { type: 'string', default: '168h' },
  'grace-seconds': { type: 'string', default: '5' },
  help: { type: 'boolean' }
} as const

/**
 * `mlgitops serve analysis`: runs until SIGTERM or SIGINT.
 *
 * @throws {Fault} for what it cannot start with, {@link UsageError} for the command line
 */
export async function serveAnalysisCommand(
  { args, env, folder }: CommandInput,
  print: Print
): Promise<CommandResult> {
  const given = parse(args)
  if (given.help === true) return { stdout: serveAnalysisUsage, stderr: '', exitCode: 0 }
  const { state, 'metrics-listen': metricsListen } = given
  const graceMs = readGraceMs(given['grace-seconds'])
  const listen = parseListenAddress(given.listen, '--listen')
  const metrics =
    metricsListen === undefined ? undefined : parseListenAddress(metricsListen, '--metrics-listen')
  const logger = processLogger()
  const registry = createRegistry(packageJson.version)
  const analysis = await serveAnalysis({
    listen,
    metricsListen: metrics,
    store: openSqliteStore(state === undefined ? ':memory:' : path.resolve(folder, state)),
    objectives: chooseObjectives(given, { env, folder, registry, logger }),
    namespaces: given.namespace,
    sources: readSourceOptions(given, listen, process.env),
    guards: readGuards(given, folder),
    retentionMs: readRetention(given.retention),
    registry,
    logger,
    nowMs: () => Date.now()
  })
  return serveUntilSignal(analysis, { print, logger, graceMs })
}

function parse(args: readonly string[]) {
  return parseCommandLine({ args: [...args], options }).values
}
