import path from 'node:path'
import type { Registry } from 'prom-client'
import type { CommandInput, CommandResult, Print } from '../common/command.ts'
import packageJson from '../package.json' with { type: 'json' }
import { parseListenAddress } from '../service/http/listen-address.ts'
import { systemClock } from '../service/kubernetes/clock.ts'
import { connect } from '../service/kubernetes/connect.ts'
import { observeInformers } from '../service/kubernetes/informer-metrics.ts'
import type { ApiClient } from '../service/kubernetes/api-client.ts'
import type { Logger } from '../service/log.ts'
import { createRegistry } from '../service/metrics/process-metrics.ts'
import { processLogger, serveUntilSignal } from '../service/serve-process.ts'
import { fileCertificates, ownCertificates } from './certificates.ts'
import type { KeepCertificates } from './certificates.ts'
import { ClusterPolicies } from './cluster/cluster-policies.ts'
import { withAccessCheck } from './cluster/cluster.ts'
import { OwnerObjects } from './cluster/owner-objects.ts'
import { ownerReads } from './cluster/owner-reads.ts'
import { PodAccess, withPodAccess } from './cluster/pod-access.ts'
import { followKeys } from './keys/live-keys.ts'
import type { Owners } from './owner/pass-as-child.ts'
import { FolderPolicies } from './policy/folder-policies.ts'
import { LiveFolder } from './policy/live-folder.ts'
import type { Policies } from './policy/policies.ts'
import { readServeOptions, serveUsage } from './serve-options.ts'
import type { ServeChoices } from './serve-options.ts'
import { serveWebhook } from './serve.ts'
import { defaultControllers } from './subject/exemption.ts'

const policyPollMs = 2_000
const keyPollMs = 2_000
/** The folders are watched as well; polling is the fallback. */
const certificatePollMs = 10_000

/** What the parts of the service are built from. */
interface Parts {
  readonly folder: string
  /** Undefined when no cluster is needed. */
  readonly client: ApiClient | undefined
  readonly registry: Registry
  readonly logger: Logger
  readonly now: () => Date
}

/**
 * `mlgitops serve webhook`: runs until SIGTERM or SIGINT.
 *
 * @throws {Fault} when it cannot start, {@link UsageError} for a wrong command line
 */
export async function serveCommand(
  { args, env, folder }: CommandInput,
  print: Print
): Promise<CommandResult> {
  const choices = readServeOptions(args)
  if (choices === undefined) return { stdout: serveUsage, stderr: '', exitCode: 0 }
  const logger = processLogger()
  const needsCluster =
    choices.policies === undefined ||
    choices.certificates.kind === 'own' ||
    choices.operators.operators.length > 0
  const userAgent = `mlgitops/${packageJson.version}`
  const parts: Parts = {
    folder,
    client: needsCluster
      ? await connect(choices.kubeconfig, { env, folder }, userAgent)
      : undefined,
    registry: createRegistry(packageJson.version),
    logger,
    now: () => new Date()
  }
  const webhook = await serveWebhook({
    ...parts,
    listen: parseListenAddress(choices.listen, '--listen'),
    metricsListen: parseListenAddress(choices.metricsListen, '--metrics-listen'),
    certificates: certificatesOf(choices, parts),
    policies: policiesOf(choices, parts),
    trustedKeys: followKeys({ files: choices.keys, folder, pollMs: keyPollMs, logger }),
    controllers: [...defaultControllers, ...choices.operators.controllers],
    owners: ownersOf(choices, parts)
  })
  return serveUntilSignal(webhook, { print, logger, graceMs: choices.graceMs })
}

function policiesOf(choices: ServeChoices, parts: Parts): Policies {
  const { policies, exceptionNamespaces } = choices
  const { client, folder, registry, logger, now } = parts
  const clock = systemClock
  const podAccess = new PodAccess({ client, clock, logger })
  if (client === undefined || policies !== undefined) {
    const name = policies ?? ''
    const live = new LiveFolder(path.resolve(folder, name), name, exceptionNamespaces)
    const ofFolder = withPodAccess(new FolderPolicies(live, policyPollMs), podAccess)
    return client === undefined ? ofFolder : withAccessCheck(ofFolder, choices, { client, clock })
  }
  const ofCluster = new ClusterPolicies({
    ...{ client, exceptionNamespaces, clock, now, logger, podAccess }
  })
  observeInformers(registry, ofCluster.informers)
  return withAccessCheck(withPodAccess(ofCluster, podAccess), choices, { client, clock })
}

function ownersOf(
  { operators: { operators } }: ServeChoices,
  { client, registry, logger }: Parts
): Owners | undefined {
  if (client === undefined) return undefined
  return {
    operators,
    source: new OwnerObjects({
      client,
      nowMs: systemClock.nowMs,
      refused: ownerReads(registry, logger, systemClock.nowMs)
    })
  }
}

function certificatesOf(
  { certificates }: ServeChoices,
  { client, folder, logger, now }: Parts
): KeepCertificates {
  if (certificates.kind === 'own' && client !== undefined) {
    return ownCertificates({ ...certificates, client, clock: systemClock, now, logger })
  }
  const { certificate = '', key = '' } = certificates.kind === 'files' ? certificates : {}
  return fileCertificates({
    certificatePath: path.resolve(folder, certificate),
    keyPath: path.resolve(folder, key),
    pollMs: certificatePollMs,
    logger,
    now: () => now().getTime()
  })
}
