import 'reflect-metadata'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator
} from '@peculiar/x509'
import type { JsonGeneralName } from '@peculiar/x509'
import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import type { TlsPair } from '../http/tls.ts'

/** When a certificate is valid, in milliseconds since 1970, rounded down to seconds. */
export interface Validity {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Issues a self-signed CA, EC P-256, that can sign leaves and no other CA. */
export async function issueAuthority(commonName: string, validity: Validity): Promise<TlsPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    notBefore: new Date(validity.notBeforeMs),
    notAfter: new Date(validity.notAfterMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey)
    ]
  })
  return { certificatePem: pem(certificate), keyPem: privatePem(keys.privateKey) }
}

/**
 * Issues a server certificate, EC P-256, for `names`: DNS names and IP addresses, the first is the subject.
 *
 * @throws an error of Node or the library if the pair of the CA is unusable
 */
export async function issueLeaf(
  authority: TlsPair,
  names: readonly string[],
  validity: Validity
): Promise<TlsPair> {
  const issuer = new X509Certificate(authority.certificatePem)
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    // A common name has at most 64 characters (RFC 5280, ub-common-name); clients use the names below.
    subject: [{ CN: [(names[0] ?? '').slice(0, 64)] }],
    issuer: issuer.subjectName,
    notBefore: new Date(validity.notBeforeMs),
    notAfter: new Date(validity.notAfterMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: importKey(authority.keyPem),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map(generalName)),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await SubjectKeyIdentifierExtension.create(keys.publicKey)
    ]
  })
  return { certificatePem: pem(certificate), keyPem: privatePem(keys.privateKey) }
}

function generalName(name: string): JsonGeneralName {
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name }
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem').trim()}\n`
}

function privatePem(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ format: 'pem', type: 'pkcs8' }).toString()
}

function importKey(keyPem: string): webcrypto.CryptoKey {
  return createPrivateKey(keyPem).toCryptoKey(algorithm, false, ['sign'])
}
