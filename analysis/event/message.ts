import type { Measures, Variant } from '../counter/outcome.ts'

/** The Canary that events belong to. */
export interface RolloutName {
  readonly namespace: string
  readonly name: string
}

/** Why an event is refused, as the `reason` label of a metric. */
export const refusalReasons = [
  'envelope',
  'type',
  'time',
  'data',
  'variant',
  'namespace',
  'room'
] as const

/** One of {@link refusalReasons}. */
export type RefusalReason = (typeof refusalReasons)[number]

/** An event that is refused. */
export interface Refused {
  /** The reason, for the sender. */
  readonly refused: string
  /** `data` by default. */
  readonly because?: RefusalReason
}

interface Identified {
  readonly rollout: RolloutName
  /** Identifies one prediction of a rollout. */
  readonly id: string
  /** Event time, in milliseconds since 1970. */
  readonly timeMs: number
}

/** An event in the form in which it is counted, independent of its source. Classes are text. */
export type Message =
  | (Identified &
      Measures & {
        readonly kind: 'prediction'
        readonly variant: Variant
        readonly predicted: string | undefined
        readonly label: string | undefined
        readonly latencyMs: number | undefined
        readonly isError: boolean
        /** A digest of the user or session; undefined if the event has none. */
        readonly cluster?: string
      })
  /** A label, scores, or both. */
  | (Identified &
      Pick<Measures, 'scores'> & {
        readonly kind: 'feedback'
        readonly label: string | undefined
      })
  /** Requests and responses come from KServe's logger; either may come first. */
  | (Identified & { readonly kind: 'request'; readonly variant: Variant })
  | (Identified & {
      readonly kind: 'response'
      readonly variant: Variant
      /** A class, or outputs as they are stored; undefined if they are too large. */
      readonly predicted: string | undefined
    })
