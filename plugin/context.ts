/** A repository's address: for manifests, and for a clone. */
export interface Repository {
  /** Without user and password. */
  readonly url: string
  /** Without password. The user of an SSH address is kept: a clone needs it. */
  readonly cloneUrl: string
}

/** The facts of a render, from Git and the Application and never from the repository's files. */
export interface RenderContext {
  /** Undefined if the repository has no remote and none was given. */
  readonly repository: Repository | undefined
  /** The rendered commit: 40 or 64 hexadecimal digits (`streamed` for a preview). */
  readonly commit: string
  /** The oldest commit with the content that the model has now; undefined if the history is too short. */
  readonly modelCommit: string | undefined
  /** The digest of the model's sources: `sha256:` and 64 hexadecimal digits. */
  readonly modelDigest: string
  /** When the commit was committed: RFC 3339, in UTC. Only for attestations, and if it is known. */
  readonly committedAt?: string
  /** The files differ from the commit: the manifests are marked and not attested. */
  readonly isDirty: boolean
  readonly targetRevision: string
  readonly appName: string | undefined
  /** The destination namespace, if known. */
  readonly namespace: string | undefined
  readonly project: string
  /** The application path in the repository, `.` for its root. */
  readonly sourcePath: string
  readonly environment: string | undefined
}
