import type { ExplainedSource } from '../../plugin/explain-model.ts'
import type { ExplainedAudit } from './explain-audit.ts'
import type { ExplainedRun } from './explain-runs.ts'

/** What `mlgitops explain --output json` prints. */
export interface Explanation {
  readonly gitCommit: string
  /** Null if the history is too short to know it. */
  readonly modelCommit: string | null
  /** Why the model commit is what it is, or is not known. */
  readonly modelCommitReason: string
  /** `sha256:` and 64 hexadecimal digits. */
  readonly modelDigest: string
  /** Why a render with a key would attest nothing; null if it would attest its objects. */
  readonly notAttested: string | null
  readonly sources: readonly ExplainedSource[]
  /** The key paths of `model.values`. */
  readonly values: readonly string[]
  readonly audit: ExplainedAudit | null
  readonly runs: readonly ExplainedRun[]
  readonly warnings: readonly string[]
  /** Empty without `--policies`. */
  readonly denials: readonly Denial[]
}

/** A violation that would deny an object. */
export interface Denial {
  readonly policy: string
  readonly rule: string
  /** The object's kind, namespace and name. */
  readonly object: string
  readonly reason: string
}
