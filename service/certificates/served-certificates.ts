/** When a certificate in use expires, in milliseconds since 1970. */
export interface CertificateEnd {
  readonly kind: 'ca' | 'leaf'
  readonly notAfterMs: number
}

/** The certificates of a server, as readiness and metrics see them. */
export interface ServedCertificates {
  /** Returns why TLS does not work now, or undefined if it does: a readiness check. */
  notReadyReason(): string | undefined
  /** Returns when the certificates in use expire. */
  ends(): readonly CertificateEnd[]
  /** False if the current certificate is unusable, so that an older one or none is served. */
  isCurrent(): boolean
}

/** When a served certificate is valid, in milliseconds since 1970. */
export interface ServedValidity {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** Returns why clients refuse a certificate at that time, or undefined if they accept it. */
export function refusedNow(
  { notBeforeMs, notAfterMs }: ServedValidity,
  nowMs: number
): string | undefined {
  if (nowMs >= notAfterMs) return 'the certificate has expired'
  if (nowMs >= notBeforeMs) return undefined
  const start = new Date(notBeforeMs).toISOString()
  return `the certificate is not valid before ${start}; a clock is wrong`
}
