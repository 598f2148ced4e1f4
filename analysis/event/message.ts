import type { Variant } from '../counter/outcome.ts'

/** The Canary that events belong to. */
export interface RolloutName {
  readonly namespace: string
  readonly name: string
}

/** What is wrong with an event that is refused, in one word: a label of a metric. */
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

/** Why an event is no message, in words for its sender. */
export interface Refused {
  readonly refused: string
  /** `data` where it is not said. */
  readonly because?: RefusalReason
}

interface Identified {
  readonly rollout: RolloutName
  /** Names one prediction of a rollout. */
  readonly id: string
  /** Event time, in milliseconds since 1970. */
  readonly timeMs: number
}

/** An event as it is counted, whatever it came as. Classes are texts. */
export type Message =
  | (Identified & {
      readonly kind: 'prediction'
      readonly variant: Variant
      readonly predicted: string | undefined
      readonly label: string | undefined
      readonly latencyMs: number | undefined
      readonly isError: boolean
    })
  | (Identified & { readonly kind: 'feedback'; readonly label: string })
  /** The halves that KServe's logger sends; either may come first. */
  | (Identified & { readonly kind: 'request'; readonly variant: Variant })
  | (Identified & {
      readonly kind: 'response'
      readonly variant: Variant
      readonly predicted: string
    })
