import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { ServedCertificates } from './served-certificates.ts'

/**
 * Registers `mlgitops_certificate_not_after_seconds{kind}`, when the certificates in use expire, and
 * `mlgitops_certificates_current`, 0 while a changed certificate is refused.
 */
export function observeCertificates(
  registry: Registry,
  served: Pick<ServedCertificates, 'ends' | 'isCurrent'>
): void {
  const registers = [registry]
  new Gauge({
    name: 'mlgitops_certificate_not_after_seconds',
    help: 'When the certificate in use expires, in seconds since 1970; kind is ca or leaf.',
    labelNames: ['kind'],
    registers,
    collect() {
      this.reset()
      for (const { kind, notAfterMs } of served.ends()) this.set({ kind }, notAfterMs / 1_000)
    }
  })
  new Gauge({
    name: 'mlgitops_certificates_current',
    help: '1 if the served certificate is the current one, 0 if it is an older one or none.',
    registers,
    collect() {
      this.set(served.isCurrent() ? 1 : 0)
    }
  })
}
