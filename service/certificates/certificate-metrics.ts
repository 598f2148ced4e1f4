import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { ServedCertificates } from './served-certificates.ts'

/**
 * `mlgitops_certificate_not_after_seconds{kind}`: when the certificates in use end; alert on it.
 * `mlgitops_certificates_current`: 0 while a change is refused and the last good one stays.
 */
export function observeCertificates(
  registry: Registry,
  served: Pick<ServedCertificates, 'ends' | 'isCurrent'>
): void {
  const registers = [registry]
  new Gauge({
    name: 'mlgitops_certificate_not_after_seconds',
    help: 'When the certificate in use ends, in seconds since 1970; kind is ca or leaf.',
    labelNames: ['kind'],
    registers,
    collect() {
      this.reset()
      for (const { kind, notAfterMs } of served.ends()) this.set({ kind }, notAfterMs / 1_000)
    }
  })
  new Gauge({
    name: 'mlgitops_certificates_current',
    help: '1 while the certificates are those that should be served, 0 while others stay or none is.',
    registers,
    collect() {
      this.set(served.isCurrent() ? 1 : 0)
    }
  })
}
