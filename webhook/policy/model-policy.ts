import type { JsonObject } from '../../common/json.ts'
import type { FairnessMetrics } from '../../evidence/bias-audit/metrics.ts'
import type { Binding } from '../../evidence/binding/binding.ts'
import type { WorkloadRole } from '../../evidence/workload/kind.ts'
import type { Action } from '../decision.ts'
import type { LabelSelector } from './label-selector.ts'

/** A valid ModelPolicy. */
export interface ModelPolicy {
  readonly name: string
  readonly actions: readonly Action[]
  readonly match: MatchConstraints
  readonly rules: readonly NamedRule[]
}

/** Which objects a policy selects. An absent field matches all. */
export interface MatchConstraints {
  readonly roles?: readonly WorkloadRole[]
  /** In addition to the roles: an object that matches either is selected. */
  readonly kinds?: readonly KindRule[]
  readonly excludeKinds?: readonly KindRule[]
  readonly operations?: readonly ('CREATE' | 'UPDATE')[]
  readonly namespaceSelector?: LabelSelector
  readonly objectSelector?: LabelSelector
}

/** Kinds by group and version. `*` matches any. */
export interface KindRule {
  readonly apiGroups: readonly string[]
  readonly apiVersions?: readonly string[]
  readonly kinds: readonly string[]
}

/** A rule with its name in messages. */
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

/** Requires a signed bias audit that covers what runs, and limits on it. */
export interface BiasAuditOptions {
  /** `present` only asks for a file that is attested as the audit, and excludes the other options. */
  readonly level?: 'present' | 'valid'
  /** What the audit must cover. By default what serves is covered by artifacts, what trains by sources. */
  readonly covers?: readonly ('artifacts' | 'sources')[]
  /** Prefixes of images without a model, such as sidecars: they need not be covered. */
  readonly supportingImages?: readonly string[]
  readonly maxAgeDays?: number
  readonly independent?: boolean
  /** Minimum size of every group of each attribute. */
  readonly minimumGroupSize?: number
  /** Attributes that must be audited. */
  readonly attributes?: readonly string[]
  readonly bounds?: readonly MetricBound[]
}

/** Limits of a metric, inclusive. */
export interface MetricBound {
  readonly metric: keyof FairnessMetrics
  /** The attribute to check; all of them when absent. */
  readonly attribute?: string
  readonly min?: number
  readonly max?: number
}

/** Requires a verified attestation, and limits where it comes from. `*` matches any text without a slash. */
export interface ProvenanceOptions {
  /** How much of the object is as it was rendered. */
  readonly binds: Binding
  /** JSON Pointers of fields that may differ. */
  readonly allowChanges?: readonly string[]
  /** Pods that a controller of Kubernetes makes are judged by what their owner was admitted with. */
  readonly pods?: 'owner'
  /** Prefixes of images that other webhooks may inject into such a Pod. */
  readonly injectedImages?: readonly string[]
  /** RFC 3339: the earliest time at which the rendered commit was committed. */
  readonly notBefore?: string
  /** Commits that may not be deployed, or their first 7 or more digits. */
  readonly forbiddenCommits?: readonly string[]
  readonly repositories?: readonly string[]
  /** Patterns of target revisions: branches and tags. */
  readonly revisions?: readonly string[]
  readonly paths?: readonly string[]
  readonly environments?: readonly string[]
  /** Key IDs; every trusted key when absent. */
  readonly keyIds?: readonly string[]
}

/** Where images come from and how they are pinned. */
export interface ImagesOptions {
  /** Prefixes of whole path segments: `ghcr.io/acme`. */
  readonly registries?: readonly string[]
  readonly pinnedBy?: readonly ('commit' | 'digest')[]
  readonly forbiddenTags?: readonly string[]
  readonly hidden: 'Deny' | 'Allow'
}

/** Where models come from. */
export interface ArtifactsOptions {
  /** URI prefixes of whole path segments: `s3://models-bucket/churn`. */
  readonly locations: readonly string[]
  readonly hidden: 'Deny' | 'Allow'
}

/** Requests and limits that every container must have. */
export interface ResourcesOptions {
  readonly requests: readonly string[]
  readonly limits: readonly string[]
}

/** Labels that the object must have. */
export interface LabelsOptions {
  readonly required: readonly { readonly key: string; readonly values?: readonly string[] }[]
}

/** A JSON Schema for the whole object. */
export interface SchemaOptions {
  readonly schema: JsonObject
  readonly message?: string
}

/** CEL expressions that must be true, with the fields of ValidatingAdmissionPolicy. */
export interface CelOptions {
  /** Each sees the variables before it, as `variables.<name>`. */
  readonly variables?: readonly { readonly name: string; readonly expression: string }[]
  readonly validations: readonly CelValidation[]
}

/** One expression, and the message when it is false. */
export interface CelValidation {
  readonly expression: string
  readonly message?: string
  /** Computes the message; `message` is used when it fails. */
  readonly messageExpression?: string
  /** The field of the violation; the object's kind when absent. */
  readonly field?: string
}
