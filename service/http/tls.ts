import type { SecureContextOptions } from 'node:tls'

/** A certificate chain and its key, both PEM. */
export interface TlsPair {
  /** The leaf first, then what leads to its CA. */
  readonly certificatePem: string
  readonly keyPem: string
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

/** What a handshake of ours needs: TLS 1.2 or later, AEAD suites. `clientCaPem` asks for a client's certificate. */
export function secureContextOptions(
  pair: TlsPair | undefined,
  clientCaPem: string | undefined
): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    ciphers,
    ...(pair === undefined ? {} : { cert: pair.certificatePem, key: pair.keyPem }),
    ...(clientCaPem === undefined ? {} : { ca: clientCaPem })
  }
}
