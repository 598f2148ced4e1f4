import { createServer as createHttpServer } from 'node:http'
import type { RequestListener, Server as PlainServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Fault } from '../../common/fault.ts'
import { exchange } from './exchange.ts'
import { defaultLimits, loadOf } from './limits.ts'
import type { ServerLimits } from './limits.ts'
import { formatAddress } from './listen-address.ts'
import type { ListenAddress } from './listen-address.ts'
import type { Load } from './load.ts'
import { silentObserver } from './observer.ts'
import type { ServerObserver } from './observer.ts'
import { createRouter } from './router.ts'
import type { Route } from './router.ts'
import { secureContextOptions } from './tls.ts'
import type { TlsPair } from './tls.ts'

/** How a server is made. */
export interface ServerOptions {
  readonly listen: ListenAddress
  readonly routes: readonly Route[]
  /**
   * HTTPS; plain HTTP where it is undefined. Without a pair every handshake fails until
   * {@link RunningServer.setSecureContext} brings one.
   */
  readonly tls?: { readonly pair?: TlsPair; readonly clientCaPem?: string }
  readonly limits?: Partial<ServerLimits>
  readonly observer?: ServerObserver
}

/** A server that listens. */
export interface RunningServer {
  /** Where it listens, with the port that it got. */
  readonly address: { readonly host: string; readonly port: number }
  /** `https://HOST:PORT` or `http://HOST:PORT`. */
  readonly url: string
  /** What it holds now. */
  readonly load: Load
  /** Serves new handshakes with another pair; open connections go on. @throws when the pair is unusable */
  setSecureContext(pair: TlsPair): void
  /** From now on answers ask clients to close their connections; new ones are still taken. */
  drain(): void
  /**
   * Takes no more connections, waits at most `boundMs` for the requests at work, then cuts what is left.
   *
   * @returns how many requests were cut
   */
  close(boundMs: number): Promise<number>
}

/**
 * Starts an HTTP/1.1 server over `node:https` or `node:http`.
 *
 * @throws {Fault} `LISTEN_FAILED` when the address cannot be had, `TLS_PAIR_INVALID`
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const limits = { ...defaultLimits, ...options.limits }
  const observer = options.observer ?? silentObserver
  const load = loadOf(limits)
  let isDraining = false
  const context = {
    route: createRouter(options.routes),
    load,
    observer,
    isDraining: () => isDraining
  }
  const server = create(options, limits, (message, response) => {
    exchange(context, message, response)
  })
  server.keepAliveTimeout = limits.keepAliveTimeoutMs
  server.maxConnections = limits.maxConnections
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    observer.handshakeFailed(error.code ?? 'unknown')
  })
  const { address: host, port } = await listening(server, options.listen)
  // Node tells of a connection that it could not take by an error of the server, which still listens.
  server.on('error', (error: NodeJS.ErrnoException) => {
    observer.acceptFailed(error.code ?? 'unknown')
  })
  const scheme = options.tls === undefined ? 'http' : 'https'
  return {
    address: { host, port },
    url: `${scheme}://${formatAddress(host, port)}`,
    load,
    setSecureContext: pair => {
      if (!('setSecureContext' in server)) return
      server.setSecureContext(secureContextOptions(pair, options.tls?.clientCaPem))
    },
    drain: () => {
      isDraining = true
    },
    close: boundMs => {
      isDraining = true
      return closed(server, load, boundMs)
    }
  }
}

function create(
  options: ServerOptions,
  limits: ServerLimits,
  listener: RequestListener
): PlainServer | TlsServer {
  const timing = {
    keepAlive: true,
    noDelay: true,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    maxHeaderSize: limits.maxHeaderBytes,
    connectionsCheckingInterval: Math.min(5_000, limits.headersTimeoutMs)
  }
  if (options.tls === undefined) return createHttpServer(timing, listener)
  const { pair, clientCaPem } = options.tls
  try {
    return createHttpsServer(
      {
        ...timing,
        ...secureContextOptions(pair, clientCaPem),
        ALPNProtocols: ['http/1.1'],
        handshakeTimeout: 10_000,
        requestCert: clientCaPem !== undefined,
        rejectUnauthorized: clientCaPem !== undefined
      },
      listener
    )
  } catch (cause) {
    throw new Fault('TLS_PAIR_INVALID', 'the certificate and its key cannot be used', { cause })
  }
}

function listening(server: PlainServer, listen: ListenAddress): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      const where = formatAddress(listen.host ?? '', listen.port)
      const details = { where, found: error.code ?? 'unknown', cause: error }
      reject(new Fault('LISTEN_FAILED', 'the address cannot be listened on', details))
    }
    server.once('error', onError)
    server.listen({ port: listen.port, ...(listen.host === undefined ? {} : listen) }, () => {
      server.off('error', onError)
      const address = server.address()
      // A TCP server that listens has an address that is no text; text is a pipe's.
      if (address !== null && typeof address === 'object') resolve(address)
    })
  })
}

function closed(server: PlainServer, load: Load, boundMs: number): Promise<number> {
  return new Promise(resolve => {
    const timer = setTimeout(() => {
      const cut = load.requests
      server.closeAllConnections()
      // Sockets in a handshake are on no list of connections: they are not waited for.
      resolve(cut)
    }, boundMs)
    server.close(() => {
      clearTimeout(timer)
      resolve(0)
    })
  })
}
