/** Which side of a rollout answered. */
export const variants = ['primary', 'canary'] as const

/** One side of a rollout. */
export type Variant = (typeof variants)[number]

/** What is known of one prediction. Classes are texts: `1` and `"1"` are the same class. */
export interface Outcome {
  /** When it happened, in milliseconds since 1970. */
  readonly timeMs: number
  readonly variant: Variant
  readonly predicted: string | undefined
  readonly label: string | undefined
  /** At least 0; undefined where the request ended without an answer. */
  readonly latencyMs: number | undefined
  readonly isError: boolean
}
