import type { FairnessMetrics, GroupCounts } from './metrics.ts'

/** One group of people, with the model's results for it. */
export interface AuditedGroup extends GroupCounts {
  readonly name: string
  readonly impact_ratio?: number | null
}

/** One sensitive attribute, or an intersection of several. */
export interface AuditedAttribute {
  readonly name: string
  /** The columns of an intersection, each an attribute of the audit. */
  readonly intersectionOf?: readonly string[]
  readonly groups: readonly AuditedGroup[]
  /** As reported; some can be missing. */
  readonly metrics: Partial<FairnessMetrics>
}

/** An audited model or image. */
export interface AuditedArtifact {
  /** The URI of the model, or the image, as manifests write it. */
  readonly uri: string
  /** `sha256:` and 64 lowercase hexadecimal digits. */
  readonly digest?: string
}

/** The machine-readable part of a bias audit, as bias-audit.schema.json describes it. */
export interface BiasAudit {
  readonly model: { readonly name: string; readonly version: string }
  /** 40 or 64 lowercase hexadecimal digits. At least one of this, `modelDigest` and `artifacts` is given. */
  readonly modelCommit?: string
  /** Digest of the model's sources: `sha256:` and 64 lowercase hexadecimal digits. */
  readonly modelDigest?: string
  /** The audited models and images; not empty. */
  readonly artifacts?: readonly AuditedArtifact[]
  /** A calendar date, yyyy-mm-dd. */
  readonly date: string
  readonly auditor: { readonly name: string; readonly independent: boolean }
  readonly dataset: {
    readonly name: string
    readonly digest?: string
    readonly rows: number
    readonly kind: 'historical' | 'test'
    readonly period?: string
  }
  /** The prediction that counts as selected, when it is not 1. */
  readonly positiveLabel?: string | number | boolean
  /** 30 when absent. */
  readonly minimumGroupSize?: number
  readonly attributes: readonly AuditedAttribute[]
  /** Rows whose category is unknown. */
  readonly unknownCount?: number
  readonly notes?: string
}

/** File names of an audit in a model's folder, which can have only one of them. */
export const biasAuditFiles = ['bias_audit.md', 'bias_audit.yaml', 'bias_audit.json'] as const
