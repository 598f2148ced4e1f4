/** A prediction of a rollout's server. */
export interface Prediction {
  /** `namespace/name`. */
  readonly rollout: string
  readonly variant: 'primary' | 'canary'
  readonly id: string
  readonly predicted: number
  /** When the answer was there, in milliseconds since 1970. */
  readonly timeMs: number
  readonly latencyMs: number
  /** The user who asked; undefined if nobody stays in an arm. */
  readonly cluster?: string
}
