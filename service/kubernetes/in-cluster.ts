import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import type { Connection } from './connection.ts'
import { FreshFile } from './fresh-file.ts'

/** Where the kubelet mounts what a service account needs. */
export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Whether the environment is a pod's: the kubelet sets the API server's address. */
export function isInCluster(env: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(env.KUBERNETES_SERVICE_HOST) && Boolean(env.KUBERNETES_SERVICE_PORT)
}

/**
 * The connection of a pod's service account. Token and authority are read again while it runs.
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
    throw new Fault('KUBERNETES_CONFIGURATION', 'there is no cluster around this process', {
      where: 'KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT',
      found: 'not set',
      remedy: 'run it in a pod, or give --kubeconfig'
    })
  }
  const file = (name: string) =>
    new FreshFile(path.join(folder, name), `the service account's ${name}`, nowMs)
  const [token, ca, namespace] = [file('token'), file('ca.crt'), file('namespace')]
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    serverName: undefined,
    namespace: namespace.text(),
    credentials: () => ({ caPem: ca.text(), token: token.text(), client: undefined }),
    expire: () => {
      token.expire()
      ca.expire()
    }
  }
}
