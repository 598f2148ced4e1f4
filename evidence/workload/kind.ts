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
 */
export type OpaqueKind = 'text' | 'object' | 'local' | 'remote' | 'expression' | 'malformed'

/** A field that can hide an image or a model. Paths are in the notation of `path.ts`. */
export interface OpaquePlace {
  readonly path: string
  readonly kind: OpaqueKind
  /** A predicate that follows the field's name: `names a runtime that provides the container`. */
  readonly reason: string
  /** True if the field can also be an object, which the other places search. */
  readonly onlyText?: boolean
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
  readonly opaque?: readonly OpaquePlace[]
}

/** A row of the table. It applies to every version of its group. */
export interface WorkloadKind extends WorkloadPlaces {
  /** Empty for the core group. */
  readonly group: string
  readonly kind: string
  readonly role: WorkloadRole
  readonly scope: WorkloadScope
}
