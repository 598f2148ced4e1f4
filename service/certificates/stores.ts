import type { SecretData } from './authority-state.ts'

/** The data of a Secret and its version, which is undefined if the Secret does not exist. */
export interface VersionedSecret {
  readonly data: SecretData
  readonly version: string | undefined
}

/** The Secret through which replicas share their CAs; a write fails if another replica was faster. */
export interface CaStore {
  read(): Promise<VersionedSecret>
  /** Writes if the Secret still has that version; false if it does not. */
  write(data: SecretData, version: string | undefined): Promise<boolean>
}

/** The bundle that clients trust: the decoded `caBundle` of a webhook configuration. */
export interface VersionedBundle {
  readonly bundlePem: string
  readonly version: string | undefined
}

/** Where the bundle is published; written like the Secret. */
export interface BundleStore {
  read(): Promise<VersionedBundle>
  write(bundlePem: string, version: string | undefined): Promise<boolean>
}
