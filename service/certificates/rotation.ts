import type { AuthorityState } from './authority-state.ts'
import type { Authority } from './authority.ts'

/** How long certificates live and overlap, in milliseconds. */
export interface RotationSettings {
  readonly authorityLifetimeMs: number
  /** A new authority is made this long before the signing one ends; longer than settle and leaf lifetime. */
  readonly renewBeforeMs: number
  /** How long the bundle with a new authority must have been published before it signs. */
  readonly settleMs: number
  readonly leafLifetimeMs: number
  /** By how much clocks of replicas and clients may differ: certificates hold from this long ago. */
  readonly skewMs: number
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** A year for authorities, a week for leaves, 30 days of overlap, 5 minutes to settle, an hour of skew. */
export const defaultRotation: RotationSettings = {
  authorityLifetimeMs: 365 * dayMs,
  renewBeforeMs: 30 * dayMs,
  settleMs: 5 * minuteMs,
  leafLifetimeMs: 7 * dayMs,
  skewMs: 60 * minuteMs
}

/** What must be done to the shared state now. */
export type RotationStep =
  | { readonly kind: 'none' }
  /** There is no usable authority: the first start, or all have ended. A new one signs at once. */
  | { readonly kind: 'create' }
  /** The signing authority ends soon: a new one is added to the bundle and signs nothing yet. */
  | { readonly kind: 'add-next' }
  /** The published bundle has the new authority. */
  | { readonly kind: 'write'; readonly state: AuthorityState }

/** What is known when a step is decided. */
export interface RotationView {
  readonly state: AuthorityState | undefined
  /** The bundle that clients read now; undefined where nobody publishes it for us. */
  readonly publishedBundle: string | undefined
  readonly nowMs: number
}

/**
 * The one next step of a rotation: add the new authority, wait until it is published and settled, let
 * it sign, wait until the leaves of the old one are gone, drop the old one.
 */
export function rotationStep(view: RotationView, settings: RotationSettings): RotationStep {
  const { state, nowMs } = view
  if (state === undefined) return { kind: 'create' }
  const { current, next, previous } = state
  if (nowMs >= current.notAfterMs) {
    // Nothing that it signed is trusted any more, so there is nothing to overlap with.
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
    // Somebody took it out of the bundle again: the time to settle starts anew.
    if (publishedAtMs === undefined) return { kind: 'none' }
    return { kind: 'write', state: { current, next: { authority }, ...kept } }
  }
  if (publishedAtMs === undefined) {
    const seen = { authority, publishedAtMs: nowMs }
    return { kind: 'write', state: { current, next: seen, ...kept } }
  }
  if (nowMs - publishedAtMs < settleMs) return { kind: 'none' }
  // Leaves of the authority before the signing one may still be served: one change after the other.
  if (!isPreviousGone) return { kind: 'none' }
  const removeAtMs = nowMs + leafLifetimeMs + skewMs
  return {
    kind: 'write',
    state: { current: authority, previous: { authority: current, removeAtMs } }
  }
}

/** A leaf that a replica serves. */
export interface ServedLeaf {
  /** Fingerprint of the authority that signed it. */
  readonly signer: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/**
 * True when a new leaf is due: there is none, another authority signs now, two thirds of it are over, or
 * it begins in the future although its authority does not: the clock was ahead when it was made.
 */
export function isLeafDue(leaf: ServedLeaf | undefined, signer: Authority, nowMs: number): boolean {
  if (leaf?.signer !== signer.fingerprint) return true
  if (nowMs < leaf.notBeforeMs && leaf.notBeforeMs > signer.notBeforeMs) return true
  return nowMs >= leaf.notBeforeMs + ((leaf.notAfterMs - leaf.notBeforeMs) * 2) / 3
}
