import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import type { Connection } from './connection.ts'
import { FreshFile } from './fresh-file.ts'

/**
 * The connection of a kubeconfig's current context (client-go tools/clientcmd): authority, token, token
 * file and client certificate, as data or as files beside it.
 *
 * @param name what the file is called in messages
 * @param nowMs milliseconds of a clock that never goes back
 * @throws {Fault} `KUBERNETES_CONFIGURATION` for what is missing, and for what is there and not supported:
 *   `insecure-skip-tls-verify`, proxies, and programs that fetch credentials
 */
export function kubeconfigConnection(file: string, name: string, nowMs: () => number): Connection {
  const config = readConfig(file, name)
  const context = named(config, 'contexts', stringMember(config, 'current-context'), name)
  const cluster = named(config, 'clusters', stringMember(context, 'cluster'), name)
  const user = named(config, 'users', stringMember(context, 'user'), name)
  refuseUnsupported(cluster, unsupportedOfClusters, `${name}: clusters`)
  refuseUnsupported(user, unsupportedOfUsers, `${name}: users`)
  const read = (holder: JsonObject, key: string) =>
    sourceOf(holder, key, { name, folder: path.dirname(file), nowMs })
  const ca = read(cluster, 'certificate-authority')
  const certificate = read(user, 'client-certificate')
  const key = read(user, 'client-key')
  const token = tokenOf(user, { name, folder: path.dirname(file), nowMs })
  return {
    server: serverOf(cluster, name),
    serverName: stringMember(cluster, 'tls-server-name'),
    namespace: stringMember(context, 'namespace'),
    credentials: () => ({
      caPem: ca?.text(),
      token: token?.text(),
      client: certificate && key && { certificatePem: certificate.text(), keyPem: key.text() }
    }),
    expire: () => {
      for (const source of [ca, certificate, key, token]) source?.expire()
    }
  }
}

/** Text that may change. */
type Source = Pick<FreshFile, 'text' | 'expire'>

interface Place {
  readonly name: string
  readonly folder: string
  readonly nowMs: () => number
}

const unsupportedOfClusters = ['insecure-skip-tls-verify', 'proxy-url'] as const
const unsupportedOfUsers = ['exec', 'auth-provider', 'username', 'as'] as const

function readConfig(file: string, name: string): JsonObject {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw invalid(name, (error as NodeJS.ErrnoException).code ?? 'unknown', 'a kubeconfig')
  }
  const value = readYaml(text, { file: name })[0]?.value
  if (isJsonObject(value)) return value
  throw invalid(name, 'no mapping', 'a kubeconfig')
}

function named(
  config: JsonObject,
  list: 'contexts' | 'clusters' | 'users',
  wanted: string | undefined,
  name: string
): JsonObject {
  const entries = member(config, list)
  const all: readonly JsonValue[] = isJsonArray(entries) ? entries : []
  const entry = all.find(each => stringMember(each, 'name') === wanted && wanted !== undefined)
  const found = member(entry, list.slice(0, -1))
  if (isJsonObject(found)) return found
  throw invalid(`${name}: ${list}`, 'nothing usable', `an entry named ${wanted ?? '(not set)'}`)
}

function refuseUnsupported(holder: JsonObject, keys: readonly string[], where: string): void {
  const given = keys.filter(key => ![undefined, false, ''].includes(member(holder, key) as string))
  if (given.length === 0) return
  throw new Fault('KUBERNETES_CONFIGURATION', 'the kubeconfig asks for what is not supported', {
    where,
    found: given.join(', '),
    expected: 'certificate-authority(-data), and token, tokenFile or client-certificate(-data)',
    remedy: 'kubectl create token makes a token for a service account'
  })
}

function serverOf(cluster: JsonObject, name: string): URL {
  const text = stringMember(cluster, 'server') ?? ''
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return new URL(text)
  throw invalid(`${name}: clusters`, 'no usable server', 'https://HOST:PORT')
}

/** `KEY-data` in base64 wins over the file `KEY`, as in client-go. */
function sourceOf(holder: JsonObject, key: string, place: Place): Source | undefined {
  const data = stringMember(holder, `${key}-data`) ?? ''
  if (data !== '') return fixed(Buffer.from(data, 'base64').toString())
  const file = stringMember(holder, key) ?? ''
  return file === '' ? undefined : fileSource(file, key, place)
}

/** A token's file wins over the token, as in client-go. */
function tokenOf(user: JsonObject, place: Place): Source | undefined {
  const file = stringMember(user, 'tokenFile') ?? ''
  if (file !== '') return fileSource(file, 'tokenFile', place)
  const token = stringMember(user, 'token') ?? ''
  return token === '' ? undefined : fixed(token)
}

function fileSource(file: string, key: string, { name, folder, nowMs }: Place): Source {
  return new FreshFile(path.resolve(folder, file), `${name}: ${key}`, nowMs)
}

function fixed(text: string): Source {
  return { text: () => text, expire: () => undefined }
}

function invalid(where: string, found: string, expected: string): Fault {
  return new Fault('KUBERNETES_CONFIGURATION', 'the kubeconfig cannot be used', {
    where,
    found,
    expected
  })
}
