import type { BiasAudit } from './bias-audit.ts'
import { fairnessMetrics } from './metrics.ts'
import type { FairnessMetrics } from './metrics.ts'

/** What an attestation says of a bias audit: enough to decide by, small enough for an annotation. */
export interface BiasAuditSummary {
  readonly model: BiasAudit['model']
  /** At least one of the two is there. */
  readonly modelCommit?: string
  readonly modelDigest?: string
  readonly date: string
  readonly auditor: BiasAudit['auditor']
  readonly dataset: { readonly name: string; readonly digest?: string }
  readonly attributes: readonly {
    readonly name: string
    readonly groups: number
    /** People in the smallest group. */
    readonly smallestGroup: number
    /** Groups below the audit's minimum size. */
    readonly smallGroups: readonly string[]
    /** Every metric, computed from the counts, whichever of them the audit reports. */
    readonly metrics: FairnessMetrics
  }[]
}

const defaultMinimumGroupSize = 30

/** Summarises an audit. Its age is judged at admission: a render knows no clock. */
export function summariseBiasAudit(audit: BiasAudit): BiasAuditSummary {
  const { model, modelCommit, modelDigest, date, auditor, dataset } = audit
  const minimum = audit.minimumGroupSize ?? defaultMinimumGroupSize
  return {
    model,
    ...(modelCommit === undefined ? {} : { modelCommit }),
    ...(modelDigest === undefined ? {} : { modelDigest }),
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
      metrics: fairnessMetrics(groups)
    }))
  }
}

/**
 * Whether an audit is of this state of the model: by the whole commit, not a prefix of it, or by the
 * digest of its files. Either names the same content, so one that holds is enough.
 */
export function coversModel(
  audit: Pick<BiasAuditSummary, 'modelCommit' | 'modelDigest'>,
  { modelCommit, modelDigest }: { readonly modelCommit: string; readonly modelDigest?: string }
): boolean {
  if (audit.modelCommit === modelCommit) return true
  return audit.modelDigest !== undefined && audit.modelDigest === modelDigest
}
