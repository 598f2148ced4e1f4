import { createHash } from 'node:crypto'
import type { Agent } from 'node:http'
import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import type { Cluster, User } from '@kubernetes/client-node'
import type { Connection, Credentials } from './connection.ts'
import type { TokenFile } from './token-file.ts'

/** A cluster and a user of it, as the library reads them from a kubeconfig. */
export interface ClusterUser {
  readonly cluster: Cluster
  readonly user: User
  readonly namespace: string | undefined
  /** Where the user's token is in a file. */
  readonly tokenFile: TokenFile | undefined
}

/**
 * A connection whose credentials come from the library: certificates, tokens, exec plugins, OIDC and
 * other auth providers, by way of a proxy where the cluster has one.
 */
export class ClusterConnection implements Connection {
  readonly server: URL
  readonly namespace: string | undefined
  readonly #clusterUser: ClusterUser
  #config: KubeConfig
  #pending: Promise<Credentials> | undefined
  #last: Credentials | undefined
  #agent: { readonly digest: string; readonly agent: Agent } | undefined

  constructor(clusterUser: ClusterUser) {
    this.server = new URL(clusterUser.cluster.server)
    this.namespace = clusterUser.namespace
    this.#clusterUser = clusterUser
    this.#config = configOf(clusterUser)
  }

  /** Requests that start at the same time share one run of an exec plugin. */
  credentials(): Promise<Credentials> {
    this.#pending ??= this.#read().finally(() => (this.#pending = undefined))
    return this.#pending
  }

  expire(): void {
    this.#clusterUser.tokenFile?.expire()
    // A KubeConfig keeps what an exec plugin said until it expires, or for ever.
    this.#config = configOf(this.#clusterUser)
  }

  close(): void {
    this.#agent?.agent.destroy()
  }

  async #read(): Promise<Credentials> {
    const options: RequestOptions = {}
    const idToken = this.#idToken()
    try {
      await this.#config.applyToHTTPSOptions(options)
    } catch (error) {
      // A file that is being replaced.
      if (this.#last !== undefined && isUnreadable(error)) return this.#last
      throw error
    }
    // After a refresh a KubeConfig takes the token's lifetime for the time of its end, and would refresh it
    // for each request.
    if (this.#idToken() !== idToken) this.#config = configOf(this.#clusterUser)
    const authorization = (options.headers as Record<string, string> | undefined)?.Authorization
    this.#last = { authorization, agent: await this.#agentFor(options) }
    return this.#last
  }

  #idToken(): unknown {
    const { authProvider } = this.#clusterUser.user as { readonly authProvider?: AuthProvider }
    return authProvider?.config?.['id-token']
  }

  /** One agent for the same CA and client certificate: a KubeConfig never replaces its first. */
  async #agentFor({ ca, cert, key }: RequestOptions): Promise<Agent> {
    const digest = createHash('sha256').update([ca, cert, key].map(base64).join(' ')).digest('hex')
    if (this.#agent?.digest === digest) return this.#agent.agent
    const { name, server, tlsServerName, skipTLSVerify, proxyUrl } = this.#clusterUser.cluster
    const config = new KubeConfig()
    config.loadFromClusterAndUser(
      {
        ...{ name, server, skipTLSVerify, caData: base64(ca) },
        ...(tlsServerName !== undefined && { tlsServerName }),
        ...(proxyUrl !== undefined && { proxyUrl })
      },
      { name, certData: base64(cert), keyData: base64(key) }
    )
    const options: RequestOptions = {}
    await config.applyToHTTPSOptions(options)
    // The library's agents close each connection after one request.
    const agent = Object.assign(options.agent as Agent, { keepAlive: true, maxFreeSockets: 4 })
    this.#agent = { digest, agent }
    return agent
  }
}

interface AuthProvider {
  readonly config?: Readonly<Record<string, unknown>>
}

function configOf({ cluster, user, tokenFile }: ClusterUser): KubeConfig {
  const config = new KubeConfig()
  if (tokenFile !== undefined) config.addAuthenticator(tokenFile)
  config.loadFromClusterAndUser(cluster, user)
  return config
}

function base64(pem: RequestOptions['key']): string {
  return pem === undefined ? '' : Buffer.from(pem as string | Buffer).toString('base64')
}

/** Whether a file could not be read, and not a program be run. */
function isUnreadable(error: unknown): boolean {
  const { syscall } = error as NodeJS.ErrnoException
  return syscall === 'open' || syscall === 'read'
}
