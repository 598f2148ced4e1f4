/** The end of a certificate that is in use, in milliseconds since 1970. */
export interface CertificateEnd {
  readonly kind: 'ca' | 'leaf'
  readonly notAfterMs: number
}

/** What keeps a certificate for a server, as readiness and metrics look at it. */
export interface ServedCertificates {
  /** Why TLS does not work now, or undefined when it does: a readiness check. */
  notReadyReason(): string | undefined
  /** When the certificates in use end. */
  ends(): readonly CertificateEnd[]
  /** False while what should be served is not usable, and an older certificate is served or none. */
  isCurrent(): boolean
}

/** From when to when a served certificate holds, in milliseconds since 1970. */
export interface Held {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** Why clients refuse a certificate at that time, or undefined when they do not. */
export function refusedNow({ notBeforeMs, notAfterMs }: Held, nowMs: number): string | undefined {
  if (nowMs >= notAfterMs) return 'the certificate has ended'
  if (nowMs >= notBeforeMs) return undefined
  const begin = new Date(notBeforeMs).toISOString()
  return `the certificate holds from ${begin} only; a clock is wrong`
}
