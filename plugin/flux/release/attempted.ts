import { describeFault } from '../../../common/fault.ts'
import type { Fault } from '../../../common/fault.ts'
import type { Published } from '../artifact/external-artifact.ts'
import type { SourceArtifact, SourceOrigin } from '../source/source-artifact.ts'
import type { FailureReason, Outcome } from './outcome.ts'

/** What was published of a release, and what it was made from. */
export interface LastGood {
  readonly inputs: string
  readonly published: Published
}

/** What came of an attempt. */
export interface Attempted {
  readonly outcome: Outcome
  /** What is to be published; undefined: what is there stays. */
  readonly good: LastGood | undefined
  /** The revision of the source, where there was one. */
  readonly revision: string | undefined
  /** The same as the source's own source has it, where that is known. */
  readonly originRevision: string | undefined
  /** It may go better without a change that we are told of. */
  readonly isWorthRetrying: boolean
  /** Settles when it can go on. */
  readonly until?: Promise<void>
}

/** What the source says is published. */
export function ready(good: LastGood): Attempted {
  const message = `stored artifact for revision ${good.published.revision}`
  return { ...given({ kind: 'ready', message }), good }
}

/** Of no revision. */
export function given(outcome: Outcome): Attempted {
  const none = { good: undefined, revision: undefined, originRevision: undefined }
  return { outcome, ...none, isWorthRetrying: false }
}

/** The revision that was attempted, in the words of the source and of the source's own source. */
export function revisionsOf({
  artifact,
  origin
}: {
  readonly artifact: SourceArtifact
  readonly origin: SourceOrigin
}): Pick<Attempted, 'revision' | 'originRevision'> {
  return { revision: artifact.revision, originRevision: origin.revision }
}

/**
 * What comes from elsewhere may come right by itself; a render that failed fails again.
 *
 * @param isRefused an archive that cannot be unpacked is not downloaded again
 * @throws the fault itself, where it is the API server's
 */
export function failed(fault: Fault, isRefused: boolean): Attempted {
  if (fault.code.startsWith('KUBERNETES_')) throw fault
  const reason = reasonOf(fault.code)
  const outcome: Outcome = { kind: 'failed', reason, message: describeFault(fault) }
  const isWorthRetrying = reason !== 'RenderFailed' && !isRefused
  return { ...given(outcome), isWorthRetrying }
}

/** Of this controller's own machine. */
const storageCodes = new Set(['SOURCE_STORAGE', 'ARTIFACT_STORAGE', 'RENDER_START'])

/** The reason of a condition for the code of a fault. */
export function reasonOf(code: string): FailureReason {
  if (storageCodes.has(code)) return 'StorageOperationFailed'
  if (code.startsWith('SOURCE_')) return 'FetchFailed'
  return code === 'RELEASE_REFERENCE' ? 'ValuesNotReady' : 'RenderFailed'
}
