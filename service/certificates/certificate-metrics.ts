import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { CertificateEnd } from './certificate-manager.ts'

/** `mlgitops_certificate_not_after_seconds{kind}`: when the certificates in use end; alert on it. */
export function observeCertificates(
  registry: Registry,
  ends: () => readonly CertificateEnd[]
): void {
  new Gauge({
    name: 'mlgitops_certificate_not_after_seconds',
    help: 'When the certificate in use ends, in seconds since 1970; kind is ca or leaf.',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { kind, notAfterMs } of ends()) this.set({ kind }, notAfterMs / 1_000)
    }
  })
}
