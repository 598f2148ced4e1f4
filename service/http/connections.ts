import type { Server } from 'node:http'
import type { Socket } from 'node:net'

interface Connection {
  inFlightRequests: number
}

/**
 * The open connections of a server and their in-flight requests. Node's own `closeIdleConnections` leaves
 * connections that never sent a request, and those in a TLS handshake, open until they time out.
 */
export class Connections {
  readonly #open = new Map<Socket, Connection>()
  /** TCP connections without TLS yet, by their peer: Node does not say which of them a TLS socket uses. */
  readonly #byPeer = new Map<string, Socket>()
  #isClosing = false

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#add(socket)
      const peer = peerOf(socket)
      this.#byPeer.set(peer, socket)
      socket.once('close', () => {
        if (this.#byPeer.get(peer) === socket) this.#byPeer.delete(peer)
      })
    })
    server.on('secureConnection', (socket: Socket) => {
      const peer = peerOf(socket)
      const plain = this.#byPeer.get(peer)
      if (plain !== undefined) this.#open.delete(plain)
      this.#byPeer.delete(peer)
      this.#add(socket)
    })
    server.on('request', ({ socket }, response) => {
      const connection = this.#open.get(socket)
      if (connection === undefined) return
      // Counted in place: entries that come and go with requests would keep V8 from freeing them early.
      connection.inFlightRequests += 1
      response.once('close', () => {
        connection.inFlightRequests -= 1
        if (this.#isClosing) this.closeIdle()
      })
    })
  }

  #add(socket: Socket): void {
    if (this.#isClosing) {
      socket.destroy()
      return
    }
    this.#open.set(socket, { inFlightRequests: 0 })
    socket.once('close', () => this.#open.delete(socket))
  }

  /** Closes every connection without an in-flight request, and from now on each as soon as it has none. */
  closeIdle(): void {
    this.#isClosing = true
    for (const [socket, { inFlightRequests }] of this.#open) {
      if (inFlightRequests === 0) socket.destroy()
    }
  }

  /** Closes every connection. */
  closeAll(): void {
    for (const socket of this.#open.keys()) socket.destroy()
  }
}

function peerOf({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress ?? ''} ${remoteAddress ?? ''} ${remotePort ?? ''}`
}
