import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { ClusterConnection } from './cluster-connection.ts'
import type { Connection } from './connection.ts'
import { requireText, TokenFile, tokenFileProvider } from './token-file.ts'

/** Where the kubelet mounts what a service account needs. */
export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Whether the environment is a pod's: the kubelet sets the API server's address. */
export function isInCluster(env: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(env.KUBERNETES_SERVICE_HOST) && Boolean(env.KUBERNETES_SERVICE_PORT)
}

/**
 * The connection of a pod's service account. Token and CA are read again while it runs.
 *
 * @param nowMs milliseconds of a clock that never goes back
 * @throws {Fault} `KUBERNETES_CONFIGURATION` outside a pod, or without a token
 */
export function inClusterConnection(
  env: Readonly<Record<string, string | undefined>>,
  nowMs: () => number,
  folder = serviceAccountFolder
): Connection {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env
  if (!host || !port) {
    throw new Fault('KUBERNETES_CONFIGURATION', 'this process does not run in a cluster', {
      where: 'KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT',
      found: 'not set',
      remedy: 'run it in a pod, or give --kubeconfig'
    })
  }
  const file = (name: string) => path.join(folder, name)
  const where = (name: string) => `the service account's ${name}`
  const tokenFile = new TokenFile(file('token'), where('token'), nowMs)
  requireText(file('ca.crt'), where('ca.crt'))
  return new ClusterConnection({
    cluster: {
      name: 'in-cluster',
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      caFile: file('ca.crt'),
      skipTLSVerify: false
    },
    user: { name: 'in-cluster', authProvider: { name: tokenFileProvider } },
    namespace: requireText(file('namespace'), where('namespace')),
    tokenFile
  })
}
