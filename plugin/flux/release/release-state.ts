/** The state of a release after a reconciliation. */
export type ReleaseState =
  /** The current revision of its source is published. */
  | {
      readonly kind: 'ready'
      readonly message: string
      /** Warnings of the render, one sentence each. */
      readonly warnings: readonly string[]
    }
  /** The source is being downloaded or rendered. */
  | { readonly kind: 'progressing'; readonly message: string }
  /** The source is not ready or the render failed; it is retried. */
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string }
  /** It cannot succeed until somebody changes the release, and is not retried. */
  | { readonly kind: 'stalled'; readonly reason: StallReason; readonly message: string }

/** Condition reasons of a failed release. The first three are those of Flux's own sources. */
export type FailureReason =
  'FetchFailed' | 'StorageOperationFailed' | 'SourceNotReady' | 'ValuesNotReady' | 'RenderFailed'

/** Condition reasons of a stalled release. */
export type StallReason = 'InvalidSpec' | 'AccessDenied' | 'ArtifactNotOurs'
