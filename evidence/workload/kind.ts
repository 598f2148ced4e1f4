/**
 * What a kind of object is for, as policies select by it:
 *
 * - `train` fits or tunes a model, or says how that is done; batch jobs are taken for it
 * - `serve` answers requests with a model, or holds one ready
 * - `pipeline` runs steps that usually train, test and publish
 * - `run` runs containers; its kind does not say what for
 */
export type WorkloadRole = 'train' | 'serve' | 'pipeline' | 'run'

/** Whether objects of a kind live in a namespace. */
export type WorkloadScope = 'namespaced' | 'cluster'

/**
 * Why a field's images and models cannot be read from it:
 *
 * - `text` a string that holds a manifest, a configuration or a command: it can be searched
 * - `object` a free-form object of another program
 * - `local` names another object of the cluster, which is judged when it is admitted itself
 * - `remote` is fetched at run time from outside of the cluster's API
 * - `expression` is filled in at run time
 * - `malformed` is not of the kind that this field has, or nests too deep
 */
export type OpaqueKind = 'text' | 'object' | 'local' | 'remote' | 'expression' | 'malformed'

/** A field that can hide an image or a model. Paths are in the notation of `path.ts`. */
export interface OpaquePlace {
  readonly path: string
  readonly kind: OpaqueKind
  /** To be read after the field's name: `names a runtime that brings the container`. */
  readonly reason: string
  /** True where the field may as well be an object that the other places lead into. */
  readonly onlyText?: boolean
}

/** Where an object carries what it runs. Paths are in the notation of `path.ts`. */
export interface WorkloadPlaces {
  /** Pod specs: containers, initContainers, ephemeralContainers and image volumes. */
  readonly podSpecs?: readonly string[]
  /** Single objects with an `image`. */
  readonly containers?: readonly string[]
  /** Lists of pod volumes that stand outside of a pod spec. */
  readonly volumes?: readonly string[]
  /** Strings that are an image. */
  readonly images?: readonly string[]
  /** Strings that are a model's URI, or a data set's. */
  readonly models?: readonly string[]
  readonly opaque?: readonly OpaquePlace[]
}

/** A row of the table; it holds for every version of its group. */
export interface WorkloadKind extends WorkloadPlaces {
  /** Empty for the core group. */
  readonly group: string
  readonly kind: string
  readonly role: WorkloadRole
  readonly scope: WorkloadScope
}
