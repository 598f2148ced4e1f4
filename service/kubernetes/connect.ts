import path from 'node:path'
import type { CommandInput } from '../../common/command.ts'
import type { ApiClient } from './api-client.ts'

/**
 * A client of the cluster that a kubeconfig names, or of the one that this pod runs in. The library of
 * Kubernetes is loaded here first: a process that never connects does without it.
 *
 * @param kubeconfig its path, as given on the command line
 * @throws {Fault} `KUBERNETES_CONFIGURATION`
 */
export async function connect(
  kubeconfig: string | undefined,
  { env, folder }: Pick<CommandInput, 'env' | 'folder'>,
  userAgent: string
): Promise<ApiClient> {
  const { connectCluster } = await import('./connect-cluster.ts')
  const file = kubeconfig === undefined ? undefined : path.resolve(folder, kubeconfig)
  return connectCluster(file, kubeconfig ?? '', { env, userAgent })
}
