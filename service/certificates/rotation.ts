import type { AuthorityState } from './authority-state.ts'
import type { Authority } from './authority.ts'

/** Lifetimes and overlaps of certificates, in milliseconds. */
export interface RotationSettings {
  readonly authorityLifetimeMs: number
  /** The next CA is created this long before the signing one expires; longer than settle and leaf lifetime. */
  readonly renewBeforeMs: number
  /** How long the bundle with the next CA must have been published before it signs. */
  readonly settleMs: number
  readonly leafLifetimeMs: number
  /** How much the clocks of replicas and clients may differ: certificates are backdated by this. */
  readonly skewMs: number
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** A year for CAs, a week for leaves, 30 days of overlap, 5 minutes to settle, an hour of skew. */
export const defaultRotation: RotationSettings = {
  authorityLifetimeMs: 365 * dayMs,
  renewBeforeMs: 30 * dayMs,
  settleMs: 5 * minuteMs,
  leafLifetimeMs: 7 * dayMs,
  skewMs: 60 * minuteMs
}

/** What to do with the shared state now. */
export type RotationStep =
  | { readonly kind: 'none' }
  /** There is no usable CA: the first start, or all have expired. A new one signs at once. */
  | { readonly kind: 'create' }
  /** The signing CA expires soon: the next one is added to the bundle and does not sign yet. */
  | { readonly kind: 'add-next' }
  /** The rotation advances to another state of the CAs that exist. */
  | { readonly kind: 'write'; readonly state: AuthorityState }

/** What a step is decided from. */
export interface RotationView {
  readonly state: AuthorityState | undefined
  /** The bundle that clients read now; undefined if it is not published by us. */
  readonly publishedBundle: string | undefined
  readonly nowMs: number
}

/**
 * Returns the next step of a rotation: add the next CA, wait until it is published and settled, let it sign,
 * wait until the leaves of the old CA have expired, remove the old CA.
 */
export function rotationStep(view: RotationView, settings: RotationSettings): RotationStep {
  const { state, nowMs } = view
  if (state === undefined) return { kind: 'create' }
  const { current, next, previous } = state
  if (nowMs >= current.notAfterMs) {
    // No certificate that it signed is valid any more, so no overlap is needed.
    const isNextUsable = next !== undefined && nowMs < next.authority.notAfterMs
    return isNextUsable ? { kind: 'write', state: { current: next.authority } } : { kind: 'create' }
  }
  if (next !== undefined) return stepWithNext(view, { ...state, next }, settings)
  if (previous !== undefined && nowMs >= previous.removeAtMs) {
    return { kind: 'write', state: { current } }
  }
  return nowMs >= current.notAfterMs - settings.renewBeforeMs
    ? { kind: 'add-next' }
    : { kind: 'none' }
}

type StateWithNext = AuthorityState & Required<Pick<AuthorityState, 'next'>>

function stepWithNext(
  { publishedBundle, nowMs }: RotationView,
  { current, next, previous }: StateWithNext,
  { settleMs, leafLifetimeMs, skewMs }: RotationSettings
): RotationStep {
  const { authority, publishedAtMs } = next
  const isPreviousGone = previous === undefined || nowMs >= previous.removeAtMs
  const kept = isPreviousGone ? {} : { previous }
  const isPublished = publishedBundle?.includes(authority.certificatePem.trim()) ?? true
  if (!isPublished) {
    // Somebody removed it from the bundle: the time to settle starts again.
    if (publishedAtMs === undefined) return { kind: 'none' }
    return { kind: 'write', state: { current, next: { authority }, ...kept } }
  }
  if (publishedAtMs === undefined) {
    const seen = { authority, publishedAtMs: nowMs }
    return { kind: 'write', state: { current, next: seen, ...kept } }
  }
  if (nowMs - publishedAtMs < settleMs) return { kind: 'none' }
  // Leaves of the CA before the signing one may still be in use: one change after the other.
  if (!isPreviousGone) return { kind: 'none' }
  const removeAtMs = nowMs + leafLifetimeMs + skewMs
  return {
    kind: 'write',
    state: { current: authority, previous: { authority: current, removeAtMs } }
  }
}

/** The leaf of a replica. */
export interface ServedLeaf {
  /** Fingerprint of the CA that signed it. */
  readonly signer: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/**
 * True if a new leaf is due: there is none, another CA signs now, two thirds of its lifetime are over, or it
 * starts in the future although its CA does not, because the clock was ahead when it was issued.
 */
export function isLeafDue(leaf: ServedLeaf | undefined, signer: Authority, nowMs: number): boolean {
  if (leaf?.signer !== signer.fingerprint) return true
  if (nowMs < leaf.notBeforeMs && leaf.notBeforeMs > signer.notBeforeMs) return true
  return nowMs >= leaf.notBeforeMs + ((leaf.notAfterMs - leaf.notBeforeMs) * 2) / 3
}
