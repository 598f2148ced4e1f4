import { className } from '../counter/class-name.ts'
import type { Measures, Outcome, Variant } from '../counter/outcome.ts'
import type { Message } from './message.ts'
import { addScores, areTimesTurned, measuresAt, withTurnedTimes } from './stored-measures.ts'
import type { StoredMeasures } from './stored-measures.ts'

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
  /** Null if the events had no other numbers. */
  readonly measures: StoredMeasures | null
}

/** How a message changes a stored prediction. */
export type Joined =
  | { readonly kind: 'changed'; readonly stored: StoredPrediction }
  /** Stored before: the sender retried, or a second sender sent the same. */
  | { readonly kind: 'duplicate' }
  /** A label or score that differs from the first, which is kept unless the correction came in time. */
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
  cluster: null,
  measures: null
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
      return joinAnswers(stored, message, nowMs)
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
  const measures = measuresAt(stored.measures)
  return {
    timeMs,
    variant,
    predicted: stored.predicted === null ? undefined : className(stored.predicted),
    label,
    latencyMs: stored.latencyMs ?? undefined,
    isError,
    isPending: false,
    isLogged,
    ...(stored.cluster === null ? {} : { cluster: stored.cluster }),
    ...(measures === undefined ? {} : { measures })
  }
}

/**
 * Marks a label or scores of `id/0` that are stored under `id` too, because the prediction that they belong to has
 * not come: only a single instance of a request that KServe logs has both IDs.
 */
export function asAlias({ labelMs, measures, ...prediction }: StoredPrediction): StoredPrediction {
  return {
    ...prediction,
    labelMs: labelMs === null ? null : -labelMs,
    measures: withTurnedTimes(measures)
  }
}

/** Whether a prediction was logged by KServe, so that a label of `id/0` belongs to it. */
export function isOfLogger({ requestMs, responseMs }: StoredPrediction): boolean {
  return requestMs !== null || responseMs !== null
}

function takeAlias(stored: StoredPrediction, { kind }: Message): StoredPrediction {
  const { labelMs, measures } = stored
  if ((labelMs === null || labelMs >= 0) && !areTimesTurned(measures)) return stored
  return kind === 'request' || kind === 'response'
    ? asAlias(stored)
    : { ...stored, label: null, labelMs: null, measures: null }
}

function isWhole({ timeMs }: StoredPrediction): boolean {
  return timeMs !== null
}

function joinPrediction(
  stored: StoredPrediction,
  message: Extract<Message, { kind: 'prediction' }>,
  nowMs: number
): Joined {
  if (isWhole(stored)) return joinAnswers(stored, message, nowMs)
  const { timeMs, variant, predicted = null, latencyMs = null, isError, cluster = null } = message
  const { scores } = message
  const isLabelNew = stored.label === null && message.label !== undefined
  const label = stored.label ?? message.label ?? null
  const labelMs = isLabelNew ? nowMs : stored.labelMs
  const first = { ...scores, ...valuesOf(stored.measures) }
  const { measures } = addScores(stored.measures, first, nowMs)
  const answers = {
    label,
    labelMs,
    measures: withNumbers(measures, message)
  }
  return {
    kind: 'changed',
    stored: { ...stored, timeMs, variant, predicted, latencyMs, isError, cluster, ...answers }
  }
}

/** Adds the numbers that come with a prediction only. */
function withNumbers(
  measures: StoredMeasures | null,
  { score, latenciesMs, tokensPerSecond }: Measures
): StoredMeasures | null {
  const given = {
    ...(score === undefined ? {} : { score }),
    ...(latenciesMs === undefined ? {} : { latenciesMs }),
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond })
  }
  return Object.keys(given).length === 0 ? measures : { ...measures, ...given }
}

function valuesOf(measures: StoredMeasures | null): Readonly<Record<string, number>> {
  return measuresAt(measures)?.scores ?? {}
}

type Answers = Pick<Extract<Message, { kind: 'feedback' }>, 'label' | 'scores'>

/** Adds a label and scores. One that differs from the first is a correction. */
function joinAnswers(stored: StoredPrediction, { label, scores }: Answers, nowMs: number): Joined {
  const { measures, isChanged, isCorrected } = addScores(stored.measures, scores, nowMs)
  const isSameLabel =
    label === undefined || (stored.label !== null && className(stored.label) === className(label))
  if (isSameLabel && !isChanged) return { kind: 'duplicate' }
  const kind = isCorrected || (!isSameLabel && stored.label !== null) ? 'correction' : 'changed'
  const labelled = isSameLabel ? {} : { label, labelMs: nowMs }
  return { kind, stored: { ...stored, ...labelled, measures } }
}

/** Latency is the response time minus the request time. A negative difference is no latency. */
function joinHalves(stored: StoredPrediction): StoredPrediction {
  const { requestMs, responseMs } = stored
  if (requestMs === null || responseMs === null) return stored
  const latencyMs = responseMs - requestMs
  return { ...stored, timeMs: requestMs, latencyMs: latencyMs < 0 ? null : latencyMs }
}
