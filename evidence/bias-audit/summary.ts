import type { AuditedArtifact, BiasAudit } from './bias-audit.ts'
import { groupFigures } from './group-figures.ts'
import type { GroupFigures } from './group-figures.ts'
import { fairnessMetrics } from './metrics.ts'
import type { FairnessMetrics } from './metrics.ts'

/** The part of a bias audit in an attestation: enough to decide, small enough for an annotation. */
export interface BiasAuditSummary {
  readonly model: BiasAudit['model']
  /** At least one of the three is given. */
  readonly modelCommit?: string
  readonly modelDigest?: string
  readonly artifacts?: readonly AuditedArtifact[]
  readonly date: string
  readonly auditor: BiasAudit['auditor']
  readonly dataset: { readonly name: string; readonly digest?: string }
  readonly attributes: readonly AttributeSummary[]
}

/** One attribute of the audit. */
export interface AttributeSummary {
  readonly name: string
  readonly groups: number
  /** People in the smallest group. */
  readonly smallestGroup: number
  /** Groups below the audit's minimum size. */
  readonly smallGroups: readonly string[]
  /** Every metric, computed from the counts, whether or not the audit reports it. */
  readonly metrics: FairnessMetrics
  /** Absent in a statement of v1alpha1, which names no groups. */
  readonly figures?: GroupFigures
}

const defaultMinimumGroupSize = 30

/** Summarises an audit. Its age is judged at admission: a render has no clock. */
export function summariseBiasAudit(audit: BiasAudit): BiasAuditSummary {
  const { model, modelCommit, modelDigest, artifacts, date, auditor, dataset } = audit
  const minimum = audit.minimumGroupSize ?? defaultMinimumGroupSize
  return {
    model,
    ...(modelCommit === undefined ? {} : { modelCommit }),
    ...(modelDigest === undefined ? {} : { modelDigest }),
    ...(artifacts === undefined ? {} : { artifacts }),
    date,
    auditor,
    dataset: {
      name: dataset.name,
      ...(dataset.digest === undefined ? {} : { digest: dataset.digest })
    },
    attributes: audit.attributes.map(({ name, groups }) => ({
      name,
      groups: groups.length,
      smallestGroup: Math.min(...groups.map(group => group.n)),
      smallGroups: groups.filter(group => group.n < minimum).map(group => group.name),
      metrics: fairnessMetrics(groups),
      figures: groupFigures(groups)
    }))
  }
}
