import { describeFault } from '../../../common/fault.ts'
import type { Fault } from '../../../common/fault.ts'
import type { Published } from '../artifact/external-artifact.ts'
import type { SourceArtifact, SourceOrigin } from '../source/source-artifact.ts'
import type { FailureReason, ReleaseState } from './release-state.ts'

/** The last good render of a release. */
export interface LastGood {
  /** Fingerprint of everything that the render depends on. */
  readonly inputs: string
  readonly published: Published
  /** Warnings of the render, one sentence each. */
  readonly warnings: readonly string[]
}

/** One attempt to render a release, with its result. */
export interface Rendering {
  readonly state: ReleaseState
  /** The result to publish; undefined: the current publication stays. */
  readonly good: LastGood | undefined
  /** The revision of the source; undefined: it has none. */
  readonly revision: string | undefined
  /** {@link SourceOrigin.revision}; undefined if it is not known. */
  readonly originRevision: string | undefined
  /** Whether a retry may succeed although no watched object changes. */
  readonly isWorthRetrying: boolean
  /** Settles when the download that the rendering waits for has ended. */
  readonly downloaded?: Promise<void>
}

/** A successful rendering. */
export function ready(good: LastGood): Rendering {
  const message = `stored artifact for revision ${good.published.revision}`
  return { ...withoutRevision({ kind: 'ready', message, warnings: good.warnings }), good }
}

/** A rendering without a revision of the source. */
export function withoutRevision(state: ReleaseState): Rendering {
  const none = { good: undefined, revision: undefined, originRevision: undefined }
  return { state, ...none, isWorthRetrying: false }
}

/** The revision of the source, and the revision of its origin. */
export function revisionsOf({
  artifact,
  origin
}: {
  readonly artifact: SourceArtifact
  readonly origin: SourceOrigin
}): Pick<Rendering, 'revision' | 'originRevision'> {
  return { revision: artifact.revision, originRevision: origin.revision }
}

/**
 * A rendering that failed with a fault. A fault outside the render may disappear and is worth a retry; the
 * render itself would fail again.
 *
 * @param isRefused whether the source's archive cannot be unpacked, and is not downloaded again
 * @throws {Fault} the fault itself if it is `KUBERNETES_*`
 */
export function failed(fault: Fault, isRefused: boolean): Rendering {
  if (fault.code.startsWith('KUBERNETES_')) throw fault
  const reason = reasonOf(fault.code)
  const state: ReleaseState = { kind: 'failed', reason, message: describeFault(fault) }
  // A signer that does not answer is not a matter of the source.
  const isOfSigner = fault.code.startsWith('SIGNER_')
  const isWorthRetrying = (reason !== 'RenderFailed' || isOfSigner) && !isRefused
  return { ...withoutRevision(state), isWorthRetrying }
}

/** Faults of the controller's own machine. */
const storageCodes = new Set(['SOURCE_STORAGE', 'ARTIFACT_STORAGE', 'RENDER_START'])

/** The condition reason for a fault code. */
export function reasonOf(code: string): FailureReason {
  if (storageCodes.has(code)) return 'StorageOperationFailed'
  if (code.startsWith('SOURCE_')) return 'FetchFailed'
  return code === 'RELEASE_REFERENCE' ? 'ValuesNotReady' : 'RenderFailed'
}
