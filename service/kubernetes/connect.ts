import path from 'node:path'
import type { CommandInput } from '../../common/command.ts'
import { ApiClient } from './api-client.ts'
import { systemClock } from './clock.ts'
import { inClusterConnection } from './in-cluster.ts'
import { kubeconfigConnection } from './kubeconfig.ts'

/**
 * A client of the cluster that a kubeconfig names, or of the one around this pod.
 *
 * @param kubeconfig its path, as given on the command line
 * @throws {Fault} `KUBERNETES_CONFIGURATION`
 */
export function connect(
  kubeconfig: string | undefined,
  { env, folder }: Pick<CommandInput, 'env' | 'folder'>,
  userAgent: string
): ApiClient {
  const { nowMs } = systemClock
  const connection =
    kubeconfig === undefined
      ? inClusterConnection(env, nowMs)
      : kubeconfigConnection(path.resolve(folder, kubeconfig), kubeconfig, nowMs)
  return new ApiClient(connection, userAgent)
}
