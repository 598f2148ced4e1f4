import type { FairnessMetrics, GroupCounts } from './metrics.ts'

/** One group of people and what the model did to it. */
export interface AuditedGroup extends GroupCounts {
  readonly name: string
  readonly impact_ratio?: number | null
}

/** One sensitive attribute, or an intersection of several. */
export interface AuditedAttribute {
  readonly name: string
  readonly groups: readonly AuditedGroup[]
  readonly metrics: Partial<FairnessMetrics>
}

/** The machine-readable part of a bias audit, as bias-audit.schema.json describes it. */
export interface BiasAudit {
  readonly model: { readonly name: string; readonly version: string }
  readonly modelCommit: string
  /** ISO date. */
  readonly date: string
  readonly auditor: { readonly name: string; readonly independent: boolean }
  readonly dataset: {
    readonly name: string
    readonly digest?: string
    readonly rows: number
    readonly kind: 'historical' | 'test'
    readonly period?: string
  }
  readonly minimumGroupSize?: number
  readonly attributes: readonly AuditedAttribute[]
}

/** The names an audit is found by in a model's folder, of which it may have one. */
export const biasAuditFiles = ['bias_audit.md', 'bias_audit.yaml', 'bias_audit.json'] as const
