import type { FastifyInstance } from 'fastify'
import type { Server as PlainServer } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Fault } from '../../common/fault.ts'
import { createApp } from './app.ts'
import type { AppOptions } from './app.ts'
import { Connections } from './connections.ts'
import { defaultLimits, loadOf } from './limits.ts'
import type { ServerLimits } from './limits.ts'
import { formatAddress } from './listen-address.ts'
import type { ListenAddress } from './listen-address.ts'
import type { Load } from './load.ts'
import { silentObserver } from './observer.ts'
import type { ServerObserver } from './observer.ts'
import type { Route } from './route.ts'
import { secureContextOptions } from './tls.ts'
import type { ServerTls, TlsPair } from './tls.ts'

/** How a server is made. */
export interface ServerOptions {
  readonly listen: ListenAddress
  readonly routes: readonly Route[]
  /**
   * HTTPS; plain HTTP if it is undefined. Without a pair every handshake fails until
   * {@link RunningServer.setSecureContext} sets one.
   */
  readonly tls?: ServerTls
  readonly limits?: Partial<ServerLimits>
  readonly observer?: ServerObserver
}

/** A server that listens. */
export interface RunningServer {
  /** The address and the port that it listens on. */
  readonly address: { readonly host: string; readonly port: number }
  /** `https://HOST:PORT` or `http://HOST:PORT`. */
  readonly url: string
  /** What it holds now. */
  readonly load: Load
  /** Uses another pair for new handshakes; open connections stay. @throws when the pair is unusable */
  setSecureContext(pair: TlsPair): void
  /** From now on answers ask clients to close their connections; new ones are still accepted. */
  drain(): void
  /**
   * Accepts no more connections, closes idle ones at once, waits at most `boundMs` for in-flight requests
   * and then closes their connections.
   *
   * @returns how many requests were aborted
   */
  close(boundMs: number): Promise<number>
}

/**
 * Starts an HTTP/1.1 server, with or without TLS.
 *
 * @throws {Fault} `LISTEN_FAILED` when it cannot listen on the address, `TLS_PAIR_INVALID`
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const limits = { ...defaultLimits, ...options.limits }
  const observer = options.observer ?? silentObserver
  const load = loadOf(limits)
  let isDraining = false
  const { routes, tls } = options
  const app = create({ routes, tls, limits, load, observer, isDraining: () => isDraining })
  const { server } = app
  const connections = new Connections(server)
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    observer.handshakeFailed(error.code ?? 'unknown')
  })
  await app.ready()
  const { address: host, port } = await listening(server, options.listen)
  // Node reports a connection that it cannot accept as an error of the server, which still listens.
  server.on('error', (error: NodeJS.ErrnoException) => {
    observer.acceptFailed(error.code ?? 'unknown')
  })
  return {
    address: { host, port },
    url: `${tls === undefined ? 'http' : 'https'}://${formatAddress(host, port)}`,
    load,
    setSecureContext: pair => {
      if (!(server instanceof TlsServer)) return
      server.setSecureContext(secureContextOptions({ ...tls, pair }))
    },
    drain: () => {
      isDraining = true
    },
    close: boundMs => {
      isDraining = true
      return closed(app, connections, { load, boundMs })
    }
  }
}

function create(options: AppOptions): FastifyInstance {
  try {
    return createApp(options)
  } catch (cause) {
    if (options.tls === undefined) throw cause
    throw new Fault('TLS_PAIR_INVALID', 'cannot use the certificate and its key', { cause })
  }
}

/**
 * Listens as Node does. Fastify would listen on `localhost` if no host is given, and start a second server
 * there that knows nothing of certificates that are renewed.
 */
function listening(server: PlainServer, listen: ListenAddress): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      const where = formatAddress(listen.host ?? '', listen.port)
      const details = { where, found: error.code ?? 'unknown', cause: error }
      reject(new Fault('LISTEN_FAILED', 'cannot listen on the address', details))
    }
    server.once('error', onError)
    server.listen({ port: listen.port, ...(listen.host === undefined ? {} : listen) }, () => {
      server.off('error', onError)
      const address = server.address()
      // Only a server on a pipe has a string as its address.
      if (address !== null && typeof address === 'object') resolve(address)
    })
  })
}

function closed(
  app: FastifyInstance,
  connections: Connections,
  { load, boundMs }: { readonly load: Load; readonly boundMs: number }
): Promise<number> {
  return new Promise(resolve => {
    const timer = setTimeout(() => {
      const aborted = load.requests
      connections.closeAll()
      resolve(aborted)
    }, boundMs)
    void app.close().then(() => {
      clearTimeout(timer)
      resolve(0)
    })
    connections.closeIdle()
  })
}
