import type { JsonObject } from '../../common/json.ts'
import type { FairnessMetrics } from '../../evidence/bias-audit/metrics.ts'
import type { WorkloadRole } from '../../evidence/workload/kind.ts'
import type { Action } from '../decision.ts'
import type { LabelSelector } from './label-selector.ts'

/** A ModelPolicy that was read: everything in it is known to be usable. */
export interface ModelPolicy {
  readonly name: string
  readonly actions: readonly Action[]
  readonly match: MatchConstraints
  readonly rules: readonly NamedRule[]
}

/** Which objects a policy judges; an absent part matches all. */
export interface MatchConstraints {
  readonly roles?: readonly WorkloadRole[]
  /** Beside the roles: an object of either is matched. */
  readonly kinds?: readonly KindRule[]
  readonly excludeKinds?: readonly KindRule[]
  readonly operations?: readonly ('CREATE' | 'UPDATE')[]
  readonly namespaceSelector?: LabelSelector
  readonly objectSelector?: LabelSelector
}

/** Kinds by group and version; `*` stands for any. */
export interface KindRule {
  readonly apiGroups: readonly string[]
  readonly apiVersions?: readonly string[]
  readonly kinds: readonly string[]
}

/** A rule and what it is called in messages. */
export interface NamedRule {
  readonly name: string
  readonly rule: Rule
}

/** One rule of a policy. */
export type Rule =
  | { readonly type: 'biasAudit'; readonly options: BiasAuditOptions }
  | { readonly type: 'provenance'; readonly options: ProvenanceOptions }
  | { readonly type: 'images'; readonly options: ImagesOptions }
  | { readonly type: 'artifacts'; readonly options: ArtifactsOptions }
  | { readonly type: 'resources'; readonly options: ResourcesOptions }
  | { readonly type: 'labels'; readonly options: LabelsOptions }
  | { readonly type: 'schema'; readonly options: SchemaOptions }
  | { readonly type: 'cel'; readonly options: CelOptions }

/** A signed bias audit that covers the model's commit or files, and what it has to say. */
export interface BiasAuditOptions {
  readonly maxAgeDays?: number
  readonly independent?: boolean
  /** People in the smallest group of each attribute. */
  readonly minimumGroupSize?: number
  /** Attributes that have to be audited. */
  readonly attributes?: readonly string[]
  readonly bounds?: readonly MetricBound[]
}

/** Limits of a metric, both included. */
export interface MetricBound {
  readonly metric: keyof FairnessMetrics
  /** The attribute it is about; all of them where absent. */
  readonly attribute?: string
  readonly min?: number
  readonly max?: number
}

/** A verified attestation, and where it has to come from. `*` stands for any text but a slash. */
export interface ProvenanceOptions {
  readonly repositories?: readonly string[]
  /** Of the target revision: a branch or a tag. */
  readonly revisions?: readonly string[]
  readonly paths?: readonly string[]
  readonly environments?: readonly string[]
  /** Key ids; every key that the server trusts where absent. */
  readonly keyIds?: readonly string[]
}

/** Where images come from and how they are pinned. */
export interface ImagesOptions {
  /** Prefixes of whole segments: `ghcr.io/acme`. */
  readonly registries?: readonly string[]
  readonly pinnedBy?: readonly ('commit' | 'digest')[]
  readonly forbiddenTags?: readonly string[]
  readonly hidden: 'Deny' | 'Allow'
}

/** Where models come from. */
export interface ArtifactsOptions {
  /** URI prefixes of whole segments: `s3://models-bucket/churn`. */
  readonly locations: readonly string[]
  readonly hidden: 'Deny' | 'Allow'
}

/** What every container has to ask for. */
export interface ResourcesOptions {
  readonly requests: readonly string[]
  readonly limits: readonly string[]
}

/** Labels that have to be there. */
export interface LabelsOptions {
  readonly required: readonly { readonly key: string; readonly values?: readonly string[] }[]
}

/** A JSON Schema for the whole object. */
export interface SchemaOptions {
  readonly schema: JsonObject
  readonly message?: string
}

/** Expressions of CEL that have to be true, in the words of ValidatingAdmissionPolicy. */
export interface CelOptions {
  /** Each sees those before it, as `variables.<name>`. */
  readonly variables?: readonly { readonly name: string; readonly expression: string }[]
  readonly validations: readonly CelValidation[]
}

/** One expression, and what to say where it is false. */
export interface CelValidation {
  readonly expression: string
  readonly message?: string
  /** Gives the message; `message` stands in where it fails. */
  readonly messageExpression?: string
  /** The field that a violation names; the object's kind where absent. */
  readonly field?: string
}
