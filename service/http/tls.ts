import type { SecureContextOptions } from 'node:tls'
import type { ServerOptions } from 'node:https'

/** A certificate chain and its key, both PEM. */
export interface TlsPair {
  /** The leaf first, then the certificates up to its CA. */
  readonly certificatePem: string
  readonly keyPem: string
}

/** How a server does TLS. Without a pair every handshake fails. */
export interface ServerTls {
  readonly pair?: TlsPair
  /** Clients must show a certificate of this CA. */
  readonly clientCaPem?: string
}

/** AEAD with forward secrecy only, as Mozilla's "intermediate" list; TLS 1.3 suites first. */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305'
].join(':')

const handshakeTimeoutMs = 10_000

/** The options of an HTTPS server: HTTP/1.1, TLS 1.2 or later, AEAD suites. */
export function serverTlsOptions(tls: ServerTls): ServerOptions {
  const asksForCertificate = tls.clientCaPem !== undefined
  return {
    ...secureContextOptions(tls),
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: handshakeTimeoutMs,
    requestCert: asksForCertificate,
    rejectUnauthorized: asksForCertificate
  }
}

/** The part of {@link serverTlsOptions} that can be replaced while the server runs. */
export function secureContextOptions({ pair, clientCaPem }: ServerTls): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    ciphers,
    ...(pair === undefined ? {} : { cert: pair.certificatePem, key: pair.keyPem }),
    ...(clientCaPem === undefined ? {} : { ca: clientCaPem })
  }
}
