import { createPrivateKey, X509Certificate } from 'node:crypto'
import { Fault } from '../../common/fault.ts'

/** A certificate authority as it is kept. Times in milliseconds since 1970. */
export interface Authority {
  readonly certificatePem: string
  readonly keyPem: string
  /** SHA-256 of the certificate, as `AB:CD:...`. */
  readonly fingerprint: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** An authority that signs no more: its key is gone, its leaves may still be served. */
export type RetiredAuthority = Omit<Authority, 'keyPem'>

/**
 * Reads an authority's certificate.
 *
 * @param where the member of the Secret, for messages
 * @throws {Fault} `CA_INVALID` when it is no certificate of an authority
 */
export function readRetiredAuthority(certificatePem: string, where: string): RetiredAuthority {
  const certificate = certificateOf(certificatePem, where)
  return {
    certificatePem,
    fingerprint: certificate.fingerprint256,
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime()
  }
}

/** As {@link readRetiredAuthority}, with the key, which must be the certificate's. */
export function readAuthority(certificatePem: string, keyPem: string, where: string): Authority {
  const certificate = certificateOf(certificatePem, where)
  if (!isKeyOf(certificate, keyPem)) {
    throw invalid(where, 'the key is not readable or belongs to another certificate')
  }
  return { ...readRetiredAuthority(certificatePem, where), keyPem }
}

function certificateOf(certificatePem: string, where: string): X509Certificate {
  try {
    const certificate = new X509Certificate(certificatePem)
    if (certificate.ca) return certificate
  } catch {
    throw invalid(where, 'not a PEM certificate')
  }
  throw invalid(where, 'not the certificate of an authority')
}

function isKeyOf(certificate: X509Certificate, keyPem: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(keyPem))
  } catch {
    return false
  }
}

function invalid(where: string, found: string): Fault<'CA_INVALID'> {
  return new Fault('CA_INVALID', 'the certificate authority cannot be used', {
    where,
    found,
    remedy: 'delete the Secret’s data, and a new authority is made'
  })
}
