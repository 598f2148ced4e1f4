import type { SecretData } from './authority-state.ts'

/** A Secret as it was read. `version` is undefined where it does not exist. */
export interface VersionedSecret {
  readonly data: SecretData
  readonly version: string | undefined
}

/** Where the replicas share their authorities: a Secret, written only when nobody else did meanwhile. */
export interface CaStore {
  read(): Promise<VersionedSecret>
  /** Writes if the Secret still has that version; false where somebody was faster. */
  write(data: SecretData, version: string | undefined): Promise<boolean>
}

/** The bundle that clients trust as it was read: the `caBundle` of a webhook configuration, decoded. */
export interface VersionedBundle {
  readonly bundlePem: string
  readonly version: string | undefined
}

/** Where the bundle is published; written as the Secret is. */
export interface BundleStore {
  read(): Promise<VersionedBundle>
  write(bundlePem: string, version: string | undefined): Promise<boolean>
}
