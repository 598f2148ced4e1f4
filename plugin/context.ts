/** A repository's address: as it is written into manifests, and as a clone would use it. */
export interface Repository {
  /** Without user and password. */
  readonly url: string
  /** Without password; an SSH user stays, a clone needs it. */
  readonly cloneUrl: string
}

/** What a render is about: facts from Git and the Application, never from the repository's files. */
export interface RenderContext {
  /** Absent where the repository has no remote and none was named. */
  readonly repository: Repository | undefined
  /** The commit that is rendered: 40 or 64 hexadecimal digits (`streamed` for a preview). */
  readonly commit: string
  /**
   * The last commit that touched the application path by more than its evidence files; the commit
   * itself where the history does not reach that far.
   */
  readonly modelCommit: string
  /** Of the application path's files but its evidence. Only where the bias audit names a digest. */
  readonly modelDigest?: string
  /** The files differ from the commit: the result is marked and never attested. */
  readonly isDirty: boolean
  readonly targetRevision: string
  readonly appName: string | undefined
  /** The destination namespace, which may be unknown. */
  readonly namespace: string | undefined
  readonly project: string
  /** The application path within the repository, `.` for its root. */
  readonly sourcePath: string
  readonly environment: string | undefined
}
