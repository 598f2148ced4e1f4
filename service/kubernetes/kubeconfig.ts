import { readFileSync } from 'node:fs'
import path from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import type { Cluster, User } from '@kubernetes/client-node'
import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { ClusterConnection } from './cluster-connection.ts'
import type { Connection } from './connection.ts'
import { execPlugin } from './exec-plugin.ts'
import { requireText, TokenFile, tokenFileProvider } from './token-file.ts'

/**
 * The connection of a kubeconfig's current context: certificates and tokens as data or in files, exec
 * plugins, auth providers such as `oidc`, and a proxy.
 *
 * @param name what the file is called in messages
 * @param nowMs milliseconds of a clock that never goes back
 * @throws {Fault} `KUBERNETES_CONFIGURATION` for what is missing, and for `insecure-skip-tls-verify`,
 *   passwords and impersonation, which are not supported
 */
export function kubeconfigConnection(file: string, name: string, nowMs: () => number): Connection {
  const text = readText(file, name)
  const documents = readYaml(text, { file: name })
  const document = documents[0]?.value
  if (!isJsonObject(document)) throw invalid(name, 'no mapping', 'a kubeconfig')
  if (documents.length > 1) throw invalid(name, 'several YAML documents', 'one kubeconfig')
  const config = new KubeConfig()
  config.loadFromString(text, { onInvalidEntry: 'filter' })
  config.makePathsAbsolute(path.dirname(file))
  const { currentContext } = config
  const context = required(
    config.getContextObject(currentContext),
    `${name}: contexts`,
    currentContext
  )
  const cluster = required(config.getCurrentCluster(), `${name}: clusters`, context.cluster)
  const user = required(config.getCurrentUser(), `${name}: users`, context.user)
  const from = { name, folder: path.dirname(file), nowMs }
  return new ClusterConnection({
    ...userOf(user, entryOf(document, 'users', 'user', user.name), { cluster, ...from }),
    cluster: clusterOf(cluster, entryOf(document, 'clusters', 'cluster', cluster.name), name),
    namespace: context.namespace
  })
}

interface Source {
  readonly name: string
  readonly folder: string
  readonly nowMs: () => number
}

const unsupportedOfClusters = ['insecure-skip-tls-verify'] as const
const unsupportedOfUsers = [
  'username',
  'password',
  'as',
  'as-uid',
  'as-groups',
  'as-user-extra'
] as const
/** The library's refresh of a token would fail with the first two, and sends no secret. */
const unsupportedOfOidc = [
  'idp-certificate-authority',
  'idp-certificate-authority-data',
  'client-secret'
] as const

function readText(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw invalid(name, (error as NodeJS.ErrnoException).code ?? 'unknown', 'a kubeconfig')
  }
}

function required<T>(found: T | null, where: string, wanted: string | undefined): T {
  if (found !== null && wanted !== undefined) return found
  throw invalid(where, 'nothing usable', `an entry named ${wanted ?? '(not set)'}`)
}

/** An entry as it is in the file: the library leaves out what it does not know. */
function entryOf(document: JsonObject, list: string, key: string, name: string): JsonObject {
  const entries = member(document, list)
  const all: readonly JsonValue[] = isJsonArray(entries) ? entries : []
  const entry = member(
    all.find(each => stringMember(each, 'name') === name),
    key
  )
  return isJsonObject(entry) ? entry : {}
}

function refuseUnsupported(
  entry: JsonObject,
  keys: readonly string[],
  where: string,
  remedy = '`kubectl create token` creates a token for a service account'
): void {
  const given = keys.filter(key => ![undefined, false, ''].includes(member(entry, key) as string))
  if (given.length === 0) return
  throw new Fault('KUBERNETES_CONFIGURATION', 'the kubeconfig has unsupported settings', {
    where,
    found: given.join(', '),
    expected:
      'certificate-authority(-data), and token, tokenFile, client-certificate(-data), exec or auth-provider',
    remedy
  })
}

function clusterOf(cluster: Cluster, entry: JsonObject, name: string): Cluster {
  const where = `${name}: clusters`
  refuseUnsupported(entry, unsupportedOfClusters, where)
  const { server, proxyUrl } = cluster
  const url = /^https?:\/\//.test(server) ? URL.parse(server) : null
  if (url === null) throw invalid(where, 'an unusable server', 'https://HOST:PORT')
  // Node would send them as a password, over plain HTTP as well.
  if (url.username !== '' || url.password !== '') {
    throw invalid(where, 'a server with a user or a password', 'https://HOST:PORT')
  }
  if (proxyUrl !== undefined && !/^(?:https?|socks[45]?[ah]?):\/\//.test(proxyUrl)) {
    throw invalid(where, 'an unusable proxy-url', 'http://, https:// or socks5://')
  }
  requireFile(cluster.caData, cluster.caFile, `${name}: certificate-authority`)
  return {
    ...withDataFirst(cluster, 'caData', 'caFile'),
    // The library takes this flag for leave to speak plain HTTP, where it means nothing else.
    skipTLSVerify: server.startsWith('http:')
  }
}

function userOf(user: User, entry: JsonObject, source: Source & { readonly cluster: Cluster }) {
  const { name, folder, nowMs, cluster } = source
  refuseUnsupported(entry, unsupportedOfUsers, `${name}: users`)
  requireFile(user.certData, user.certFile, `${name}: client-certificate`)
  requireFile(user.keyData, user.keyFile, `${name}: client-key`)
  const withPair = withDataFirst(withDataFirst(user, 'certData', 'certFile'), 'keyData', 'keyFile')
  const file = stringMember(entry, 'tokenFile') ?? ''
  const exec = member(entry, 'exec')
  if (file !== '') {
    const tokenFile = new TokenFile(path.resolve(folder, file), `${name}: tokenFile`, nowMs)
    // As in client-go, the file wins over a token.
    const authProvider = { name: tokenFileProvider }
    return { user: { ...withPair, token: '', exec: null, authProvider }, tokenFile }
  }
  if (isJsonObject(exec)) {
    return { user: { ...withPair, exec: execPlugin(exec, cluster, folder) }, tokenFile: undefined }
  }
  const provider = member(entry, 'auth-provider')
  if (!isJsonObject(provider)) return { user: withPair, tokenFile: undefined }
  const authProvider = withIssuerUrl(provider, `${name}: users`)
  return { user: { ...withPair, authProvider }, tokenFile: undefined }
}

/** The library gives the issuer's address to openid-client, which takes a URL only. */
function withIssuerUrl(provider: JsonObject, where: string): object {
  const config = member(provider, 'config')
  const issuer = stringMember(config, 'idp-issuer-url')
  if (!isJsonObject(config) || issuer === undefined) return provider
  const remedy = 'NODE_EXTRA_CA_CERTS names a file with the CA of the identity provider'
  refuseUnsupported(config, unsupportedOfOidc, `${where}: auth-provider`, remedy)
  if (!URL.canParse(issuer)) throw invalid(where, 'an unusable idp-issuer-url', 'https://HOST')
  return { ...provider, config: { ...config, 'idp-issuer-url': new URL(issuer) } }
}

function requireFile(data: string | undefined, file: string | undefined, where: string): void {
  if (!data && file) requireText(file, where)
}

/** `KEY-data` wins over the file `KEY`, as in client-go. */
function withDataFirst<T extends object>(holder: T, data: keyof T, file: keyof T): T {
  return holder[data] ? { ...holder, [file]: undefined } : holder
}

function invalid(where: string, found: string, expected: string): Fault {
  return new Fault('KUBERNETES_CONFIGURATION', 'the kubeconfig cannot be used', {
    where,
    found,
    expected
  })
}
