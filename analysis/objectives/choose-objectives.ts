import path from 'node:path'
import type { Registry } from 'prom-client'
import { UsageError } from '../../common/command.ts'
import type { CommandInput } from '../../common/command.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { systemClock } from '../../service/kubernetes/clock.ts'
import { connect } from '../../service/kubernetes/connect.ts'
import { observeInformers } from '../../service/kubernetes/informer-metrics.ts'
import type { Logger } from '../../service/log.ts'
import { ClusterObjectives } from '../cluster/cluster-objectives.ts'
import { folderObjectives } from './folder-objectives.ts'
import { LiveObjectives } from './live-objectives.ts'
import type { Objectives } from './objectives.ts'

/** Options about objectives. */
export interface ObjectivesOptions {
  readonly objectives?: string | undefined
  readonly cluster?: boolean | undefined
  readonly kubeconfig?: string | undefined
  /** Undefined: all of them. */
  readonly namespaces?: readonly string[] | undefined
}

/**
 * Opens the ModelAnalyses of a folder or of a cluster; undefined if only hooks give objectives. A cluster is
 * read only if an option names it, because the analysis runs without one.
 *
 * @throws {UsageError} for a folder together with a cluster; {@link Fault} if either cannot be used
 */
export async function chooseObjectives(
  { objectives, cluster = false, kubeconfig, namespaces }: ObjectivesOptions,
  {
    env,
    folder,
    registry,
    logger
  }: Pick<CommandInput, 'env' | 'folder'> & { readonly registry: Registry; readonly logger: Logger }
): Promise<Objectives | undefined> {
  const asksCluster = cluster || kubeconfig !== undefined
  if (objectives !== undefined && asksCluster) {
    throw new UsageError('--objectives cannot be combined with --cluster or --kubeconfig')
  }
  if (objectives !== undefined) {
    return folderObjectives(
      new LiveObjectives(path.resolve(folder, objectives), objectives, logger)
    )
  }
  if (!asksCluster) return undefined
  const ofCluster = new ClusterObjectives({
    client: await connect(kubeconfig, { env, folder }, `mlgitops/${packageJson.version}`),
    namespaces,
    clock: systemClock,
    now: () => new Date(),
    logger
  })
  observeInformers(registry, ofCluster.informers)
  return ofCluster
}
