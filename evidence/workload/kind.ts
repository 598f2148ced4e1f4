import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { ValueNode } from './walk.ts'

/**
 * What a kind is for; policies select by it:
 *
 * - `train` trains or tunes a model, or describes how; batch jobs count as training
 * - `serve` answers requests with a model, or prepares one for serving
 * - `pipeline` runs steps that usually train, test and publish
 * - `run` runs containers for an unknown purpose
 */
export type WorkloadRole = 'train' | 'serve' | 'pipeline' | 'run'

/** Scope of a kind. */
export type WorkloadScope = 'namespaced' | 'cluster'

/**
 * Why a field's images and models cannot be read from it:
 *
 * - `text` a string with a manifest, a configuration or a command: it can be searched
 * - `object` a free-form object of another program
 * - `local` names another object of the cluster, which is judged when it is admitted
 * - `remote` is fetched at run time from outside of the cluster's API
 * - `expression` is filled in at run time
 * - `malformed` has a wrong type, or nests too deep
 * - `code` a command, code or data of a program in an image that is judged. It names no image, and it can
 *   load a model, so it is as good as its signature
 * - `bound` decides what runs without naming an image or a model: a class, an argument, a setting. Only an
 *   attestation is concerned with it
 */
export type OpaqueKind =
  'text' | 'object' | 'local' | 'remote' | 'expression' | 'malformed' | 'code' | 'bound'

/** A field that can hide an image or a model. Paths are in the notation of `path.ts`. */
export interface OpaquePlace {
  readonly path: string
  readonly kind: OpaqueKind
  /** A predicate that follows the field's name: `names a runtime that provides the container`. */
  readonly reason: string
  /** True if the field can also be an object, which the other places search. */
  readonly onlyText?: boolean
  /** How a reference reaches outside of the cluster's API; without, it never does. */
  readonly remote?: {
    /** The members that do it, such as `resolver`. With one of them the field is `remote`. */
    readonly members: readonly string[]
    readonly reason: string
  }
  /** A text with this prefix is a file in an image that is judged, so it is `code`. */
  readonly inImage?: string
  /** What to bind instead of the field and its value: what a webhook of the project makes of them. */
  readonly as?: (node: ValueNode) => { readonly field: string; readonly value: JsonValue }
  /** What the API server or a webhook of the project adds to a reference within the cluster that lacks it. */
  readonly defaults?: JsonObject
}

/** The fields of a kind that hold what it runs. Paths are in the notation of `path.ts`. */
export interface WorkloadPlaces {
  /** Pod specs: containers, initContainers, ephemeralContainers and image volumes. */
  readonly podSpecs?: readonly string[]
  /** Single objects with an `image`. */
  readonly containers?: readonly string[]
  /** Lists of pod volumes outside of a pod spec. */
  readonly volumes?: readonly string[]
  /** Image references. */
  readonly images?: readonly string[]
  /** URIs of models or data sets. */
  readonly models?: readonly string[]
  /** Artifacts of Argo Workflows, which are downloaded from an object store, a repository or a URL. */
  readonly artifacts?: readonly string[]
  /** Free-form objects: patches, and objects of any kind. They are searched as unknown kinds are. */
  readonly searched?: readonly string[]
  readonly opaque?: readonly OpaquePlace[]
}

/** What the status of a kind holds that its controller runs. */
export interface StatusPlaces {
  /** The plural name of the kind: the API server asks about `RESOURCE/status`. */
  readonly resource: string
  /** The members of `status` that hold it. */
  readonly members: readonly string[]
  /** Paths start with `status`. */
  readonly places: WorkloadPlaces
}

/** A row of the table. It applies to every version of its group. */
export interface WorkloadKind extends WorkloadPlaces {
  /** Empty for the core group. */
  readonly group: string
  readonly kind: string
  readonly role: WorkloadRole
  readonly scope: WorkloadScope
  readonly status?: StatusPlaces
}
