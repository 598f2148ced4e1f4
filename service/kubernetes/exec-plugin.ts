import path from 'node:path'
import type { Cluster } from '@kubernetes/client-node'
import { isJsonArray, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/**
 * An `exec` of a kubeconfig as client-go runs it (client-go plugin/pkg/client/auth/exec): a relative path
 * starts at the kubeconfig's folder, and KUBERNETES_EXEC_INFO says which version is asked for.
 */
export function execPlugin(exec: JsonObject, cluster: Cluster, folder: string): JsonObject {
  const command = stringMember(exec, 'command') ?? ''
  const env = member(exec, 'env')
  const all: readonly JsonValue[] = isJsonArray(env) ? env : []
  return {
    ...exec,
    command: command.includes('/') ? path.resolve(folder, command) : command,
    env: [...all, { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(execInfo(exec, cluster)) }]
  }
}

function execInfo(exec: JsonObject, cluster: Cluster): JsonObject {
  const { server, tlsServerName, caData, proxyUrl } = cluster
  const about = {
    server,
    ...(tlsServerName !== undefined && { 'tls-server-name': tlsServerName }),
    ...(caData !== undefined && { 'certificate-authority-data': caData }),
    ...(proxyUrl !== undefined && { 'proxy-url': proxyUrl })
  }
  return {
    apiVersion: stringMember(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(member(exec, 'provideClusterInfo') === true && { cluster: about })
    }
  }
}
