import { ApiClient } from './api-client.ts'
import { systemClock } from './clock.ts'
import { inClusterConnection } from './in-cluster.ts'
import { kubeconfigConnection } from './kubeconfig.ts'

interface ConnectOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly userAgent: string
}

/**
 * A client by a kubeconfig, or by the service account of this pod.
 *
 * @param file the kubeconfig
 * @param name what it is called in messages
 * @throws {Fault} `KUBERNETES_CONFIGURATION`
 */
export function connectCluster(
  file: string | undefined,
  name: string,
  { env, userAgent }: ConnectOptions
): ApiClient {
  const { nowMs } = systemClock
  const connection =
    file === undefined ? inClusterConnection(env, nowMs) : kubeconfigConnection(file, name, nowMs)
  return new ApiClient(connection, userAgent)
}
