import type { Agent } from 'node:http'

/** What a request to the API server is sent with. */
export interface Credentials {
  /** `Bearer …`; undefined: none is sent, or a client certificate says who we are. */
  readonly authorization: string | undefined
  /** Keeps connections; made anew when the CA or the client certificate changes. */
  readonly agent: Agent
}

/** Where an API server is and who we are there. */
export interface Connection {
  /** Its address; a path is the prefix of a proxy. */
  readonly server: URL
  /** Our own namespace: of the service account, or of the context. */
  readonly namespace: string | undefined
  /**
   * The current ones: tokens and certificates are short-lived and replaced.
   *
   * @throws what reading a file, running an exec plugin or refreshing a token throws
   */
  credentials(): Promise<Credentials>
  /** The API server refused the credentials: the next ones are read or fetched again. */
  expire(): void
  /** Closes kept connections. */
  close(): void
}
