import { setTimeout as sleep } from 'node:timers/promises'
import { CertificateManager } from '../service/certificates/certificate-manager.ts'
import { keepUp } from '../service/certificates/keep-up.ts'
import { followPairFiles } from '../service/certificates/pair-files.ts'
import type { PairFilesOptions } from '../service/certificates/pair-files.ts'
import { defaultRotation } from '../service/certificates/rotation.ts'
import type { RotationSettings } from '../service/certificates/rotation.ts'
import { SecretStore } from '../service/certificates/secret-store.ts'
import type { ServedCertificates } from '../service/certificates/served-certificates.ts'
import { WebhookBundleStore } from '../service/certificates/webhook-bundle-store.ts'
import type { TlsPair } from '../service/http/tls.ts'
import type { ApiClient } from '../service/kubernetes/api-client.ts'
import type { Clock } from '../service/kubernetes/clock.ts'
import type { Logger } from '../service/log.ts'

/** Certificates that are renewed until `stop`. */
export interface KeptCertificates {
  readonly served: ServedCertificates
  stop(): void
}

/** Starts to keep a certificate current; `onPair` is called with each new one. */
export type KeepCertificates = (onPair: (pair: TlsPair) => void) => Promise<KeptCertificates>

/** Certificates from two files, reloaded when they change. */
export function fileCertificates(options: Omit<PairFilesOptions, 'onPair'>): KeepCertificates {
  return async onPair => {
    const files = await followPairFiles({ ...options, onPair })
    return {
      served: files,
      stop: () => {
        files.stop()
      }
    }
  }
}

/** What certificates of our own CA need. */
export interface OwnCertificatesOptions {
  readonly client: ApiClient
  readonly secret: { readonly namespace: string; readonly name: string }
  /** The webhook configuration whose `caBundle` is updated; undefined when something else does that. */
  readonly configuration: string | undefined
  readonly names: readonly string[]
  readonly clock: Clock
  readonly now: () => Date
  readonly logger: Logger
  readonly settings?: RotationSettings
}

/** Certificates of our own CA: the CA is shared through a Secret, each replica keeps its leaf in memory. */
export function ownCertificates(options: OwnCertificatesOptions): KeepCertificates {
  const { client, secret, configuration, names, clock, now, logger } = options
  return async onPair => {
    const manager = new CertificateManager({
      secrets: new SecretStore(client, secret),
      ...(configuration !== undefined && {
        bundles: new WebhookBundleStore(client, configuration, names)
      }),
      settings: options.settings ?? defaultRotation,
      names,
      onLeaf: onPair,
      logger,
      now: () => now().getTime(),
      sleep,
      random: clock.random
    })
    return { served: manager, stop: await keepUp(manager, clock) }
  }
}
