import type { AuditedArtifact } from '../bias-audit/bias-audit.ts'

/** What an audit of an application path is about. */
export interface AuditedModel {
  readonly name: string
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string
  /** The served models and images that the digest does not name. */
  readonly artifacts: readonly AuditedArtifact[]
  /** Messages for stderr, whole lines. */
  readonly messages: string
}

/**
 * Finds what an audit of an application path is about. The renderer does it, which this room does not
 * import.
 *
 * @param path relative to `folder`
 * @param findsArtifacts false to leave the artifacts out
 */
export type FindAuditedModel = (
  path: string,
  folder: string,
  findsArtifacts: boolean
) => Promise<AuditedModel>
