/** What became of a release when it was looked at. */
export type Outcome =
  /** What its source says is published. */
  | { readonly kind: 'ready'; readonly message: string }
  /** It is being worked on. */
  | { readonly kind: 'progressing'; readonly message: string }
  /** It is tried again: the source is not there yet, or the render failed. */
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string }
  /** Nothing will come of it until somebody changes it. */
  | { readonly kind: 'stalled'; readonly reason: StallReason; readonly message: string }

/** One word for programs; the first three are those of Flux's own sources. */
export type FailureReason =
  'FetchFailed' | 'StorageOperationFailed' | 'SourceNotReady' | 'ValuesNotReady' | 'RenderFailed'

export type StallReason = 'InvalidSpec' | 'AccessDenied' | 'ArtifactNotOurs'
