import path from 'node:path'
import { parseArgs } from 'node:util'
import { UsageError } from '../common/command.ts'
import type { CommandInput, CommandResult, Print } from '../common/command.ts'
import packageJson from '../package.json' with { type: 'json' }
import { parseListenAddress } from '../service/http/listen-address.ts'
import { createLogger } from '../service/log.ts'
import { createRegistry } from '../service/metrics/process-metrics.ts'
import { shutdownOnSignal } from '../service/shutdown.ts'
import { readTrustedKeys } from './options.ts'
import { LiveFolder } from './policy/live-folder.ts'
import { serveWebhook } from './serve.ts'
import { defaultControllers } from './subject/exemption.ts'

/** What `mlgitops serve --help` prints. */
export const serveUsage = `Usage: mlgitops serve webhook --policies DIR --tls-cert FILE --tls-key FILE [options]

Answers the API server's AdmissionReviews over HTTPS: POST /validate, and POST /validate/NAME for the
policies of the sub-folder NAME. Changed policies are taken over while it runs.

  --listen HOST:PORT          where it answers (default :8443); port 0 is any free one
  --metrics-listen HOST:PORT  /metrics over HTTP (default :9443)
  --policies DIR              ModelPolicy files (and PolicyException files)
  --exception-namespace NS    exceptions of this namespace count; may be repeated
  --tls-cert FILE             the certificate chain, PEM; replaced files are served at once
  --tls-key FILE              its key, PEM
  --keys FILE                 a public key that is trusted (mlgitops keygen); may be repeated
  --controller USER           a further controller whose children are not judged; may be repeated
  --grace-seconds N           how long connections are still taken after SIGTERM (default 5)
  --help

/healthz and /readyz answer on both addresses. SIGTERM drains and exits 0.
`

const options = {
  listen: { type: 'string', default: ':8443' },
  'metrics-listen': { type: 'string', default: ':9443' },
  policies: { type: 'string' },
  'exception-namespace': { type: 'string', multiple: true },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  keys: { type: 'string', multiple: true },
  controller: { type: 'string', multiple: true },
  'grace-seconds': { type: 'string', default: '5' },
  help: { type: 'boolean' }
} as const

const policyPollMs = 2_000
/** The folders are watched as well. */
const certificatePollMs = 10_000
const drainMs = 20_000

/**
 * `mlgitops serve webhook`: runs until SIGTERM or SIGINT.
 *
 * @throws {Fault} for what it cannot start with, {@link UsageError} for the command line
 */
export async function serveCommand(
  { args, folder }: CommandInput,
  print: Print
): Promise<CommandResult> {
  const given = parse(args)
  if (given.help === true) return { stdout: serveUsage, stderr: '', exitCode: 0 }
  const { policies, 'tls-cert': certificate, 'tls-key': key } = given
  if (policies === undefined || certificate === undefined || key === undefined) {
    throw new UsageError('serve webhook needs --policies, --tls-cert and --tls-key')
  }
  const graceMs = seconds(given['grace-seconds']) * 1_000
  const logger = createLogger({
    level: 'info',
    write: line => process.stderr.write(line),
    now: () => Date.now()
  })
  const webhook = await serveWebhook({
    listen: parseListenAddress(given.listen, '--listen'),
    metricsListen: parseListenAddress(given['metrics-listen'], '--metrics-listen'),
    certificates: {
      certificatePath: path.resolve(folder, certificate),
      keyPath: path.resolve(folder, key),
      pollMs: certificatePollMs
    },
    registry: createRegistry(packageJson.version),
    policies: new LiveFolder(
      path.resolve(folder, policies),
      policies,
      given['exception-namespace'] ?? []
    ),
    policyPollMs,
    trustedKeys: readTrustedKeys(given.keys ?? [], folder),
    controllers: [...defaultControllers, ...(given.controller ?? [])],
    logger,
    now: () => new Date()
  })
  print(`listening on ${webhook.server.url}\n`)
  print(`metrics on ${webhook.metricsServer.url}\n`)
  await shutdownOnSignal({
    signals: process,
    readiness: webhook.readiness,
    servers: [webhook.server],
    lastServers: [webhook.metricsServer],
    graceMs,
    drainMs,
    stop: () => {
      webhook.stop()
    },
    logger,
    exit: code => process.exit(code)
  })
  return { stdout: '', stderr: '', exitCode: 0 }
}

function seconds(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  throw new UsageError('--grace-seconds is a whole number of seconds, at most 999')
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.split(/\.\s/)[0] : undefined)
  }
}
