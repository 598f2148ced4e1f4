import { className } from '../counter/class-name.ts'
import type { Outcome, Variant } from '../counter/outcome.ts'
import type { Message } from './message.ts'

/** What is stored for a prediction; null where it is not known yet. */
export interface StoredPrediction {
  readonly timeMs: number | null
  readonly variant: Variant | null
  readonly predicted: string | null
  readonly label: string | null
  /** When the label arrived, in milliseconds since 1970. */
  readonly labelMs: number | null
  readonly latencyMs: number | null
  readonly isError: boolean
  readonly requestMs: number | null
  readonly responseMs: number | null
  /** Whether the other arm got the same request, so that there is a prediction of each arm with this ID. */
  readonly isMirrored: boolean
  readonly cluster: string | null
}

/** How a message changes a stored prediction. */
export type Joined =
  | { readonly kind: 'changed'; readonly stored: StoredPrediction }
  /** Stored before: the sender retried, or a second sender sent the same. */
  | { readonly kind: 'duplicate' }
  /** A label that differs from the first, which is kept unless the correction came in time. */
  | { readonly kind: 'correction'; readonly stored: StoredPrediction }

/** What is stored before the first message. */
export const noPrediction: StoredPrediction = {
  timeMs: null,
  variant: null,
  predicted: null,
  label: null,
  labelMs: null,
  latencyMs: null,
  isError: false,
  requestMs: null,
  responseMs: null,
  isMirrored: false,
  cluster: null
}

/**
 * Joins a message that arrives at `nowMs` with the stored prediction of the same ID. Messages of different
 * kinds may come in any order.
 */
export function join(
  known: StoredPrediction = noPrediction,
  message: Message,
  nowMs: number
): Joined {
  const stored = takeAlias(known, message)
  switch (message.kind) {
    case 'prediction':
      return joinPrediction(stored, message, nowMs)
    case 'feedback':
      return joinLabel(stored, message.label, nowMs)
    case 'request': {
      if (stored.requestMs !== null || isWhole(stored)) return { kind: 'duplicate' }
      const { timeMs: requestMs, variant } = message
      return { kind: 'changed', stored: joinHalves({ ...stored, requestMs, variant }) }
    }
    case 'response': {
      if (stored.responseMs !== null || isWhole(stored)) return { kind: 'duplicate' }
      const { timeMs: responseMs, variant, predicted = null } = message
      return { kind: 'changed', stored: joinHalves({ ...stored, responseMs, variant, predicted }) }
    }
  }
}

/** Returns what counters count; undefined for a label or a response alone. */
export function outcomeOf(stored: StoredPrediction | undefined): Outcome | undefined {
  if (stored === undefined || stored.variant === null) return undefined
  const { timeMs, variant, isError, requestMs, responseMs } = stored
  const label = stored.label === null ? undefined : className(stored.label)
  const isLogged = requestMs !== null
  if (timeMs === null) {
    if (requestMs === null || responseMs !== null) return undefined
    const failed = { predicted: undefined, latencyMs: undefined, isError: true, isPending: true }
    return { timeMs: requestMs, variant, label, ...failed, isLogged }
  }
  return {
    timeMs,
    variant,
    predicted: stored.predicted === null ? undefined : className(stored.predicted),
    label,
    latencyMs: stored.latencyMs ?? undefined,
    isError,
    isPending: false,
    isLogged,
    ...(stored.cluster === null ? {} : { cluster: stored.cluster })
  }
}

/**
 * Marks a label of `id/0` that is stored under `id` too, because the prediction that it belongs to has not come:
 * only a single instance of a request that KServe logs has both IDs.
 */
export function asAlias(prediction: StoredPrediction): StoredPrediction {
  return { ...prediction, labelMs: prediction.labelMs === null ? null : -prediction.labelMs }
}

/** Whether a prediction was logged by KServe, so that a label of `id/0` belongs to it. */
export function isOfLogger({ requestMs, responseMs }: StoredPrediction): boolean {
  return requestMs !== null || responseMs !== null
}

function takeAlias(stored: StoredPrediction, { kind }: Message): StoredPrediction {
  if (stored.labelMs === null || stored.labelMs >= 0) return stored
  return kind === 'request' || kind === 'response'
    ? { ...stored, labelMs: -stored.labelMs }
    : { ...stored, label: null, labelMs: null }
}

function isWhole({ timeMs }: StoredPrediction): boolean {
  return timeMs !== null
}

function joinPrediction(
  stored: StoredPrediction,
  message: Extract<Message, { kind: 'prediction' }>,
  nowMs: number
): Joined {
  if (isWhole(stored)) {
    return message.label === undefined
      ? { kind: 'duplicate' }
      : joinLabel(stored, message.label, nowMs)
  }
  const { timeMs, variant, predicted = null, latencyMs = null, isError, cluster = null } = message
  const isLabelNew = stored.label === null && message.label !== undefined
  const label = stored.label ?? message.label ?? null
  const labelMs = isLabelNew ? nowMs : stored.labelMs
  return {
    kind: 'changed',
    stored: { ...stored, timeMs, variant, predicted, latencyMs, isError, label, labelMs, cluster }
  }
}

function joinLabel(stored: StoredPrediction, label: string, nowMs: number): Joined {
  if (stored.label === null) {
    return { kind: 'changed', stored: { ...stored, label, labelMs: nowMs } }
  }
  if (className(stored.label) === className(label)) return { kind: 'duplicate' }
  return { kind: 'correction', stored: { ...stored, label, labelMs: nowMs } }
}

/** Latency is the response time minus the request time. A negative difference is no latency. */
function joinHalves(stored: StoredPrediction): StoredPrediction {
  const { requestMs, responseMs } = stored
  if (requestMs === null || responseMs === null) return stored
  const latencyMs = responseMs - requestMs
  return { ...stored, timeMs: requestMs, latencyMs: latencyMs < 0 ? null : latencyMs }
}
