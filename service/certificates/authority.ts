import { createPrivateKey, X509Certificate } from 'node:crypto'
import { Fault } from '../../common/fault.ts'

/** A CA with its key. Times in milliseconds since 1970. */
export interface Authority {
  readonly certificatePem: string
  readonly keyPem: string
  /** SHA-256 of the certificate, as `AB:CD:...`. */
  readonly fingerprint: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** A CA that no longer signs: its key is deleted, its leaves may still be in use. */
export type RetiredAuthority = Omit<Authority, 'keyPem'>

/**
 * Reads the certificate of a CA.
 *
 * @param where the key in the Secret, for messages
 * @throws {Fault} `CA_INVALID` if it is not a CA certificate
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

/** Reads a CA as {@link readRetiredAuthority} does, with its key, which must belong to the certificate. */
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
  throw invalid(where, 'not a CA certificate')
}

function isKeyOf(certificate: X509Certificate, keyPem: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(keyPem))
  } catch {
    return false
  }
}

function invalid(where: string, found: string): Fault<'CA_INVALID'> {
  return new Fault('CA_INVALID', 'cannot use the CA', {
    where,
    found,
    remedy: 'delete the data of the Secret; a new CA is then created'
  })
}
