/** What a client shows and trusts; all PEM. */
export interface Credentials {
  /** Whom it trusts; undefined: the authorities that come with Node. */
  readonly caPem: string | undefined
  readonly token: string | undefined
  readonly client: { readonly certificatePem: string; readonly keyPem: string } | undefined
}

/** Where an API server is and who we are there. */
export interface Connection {
  /** Its address; a path is the prefix of a proxy. */
  readonly server: URL
  /** The name that its certificate is for, where it is not the host of `server`. */
  readonly serverName: string | undefined
  /** Our own namespace: of the service account, or of the context. */
  readonly namespace: string | undefined
  /** As they are now: tokens are short-lived and replaced. */
  credentials(): Credentials
  /** Reads everything again: the API server refused the credentials. */
  expire(): void
}
