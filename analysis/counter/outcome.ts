/** The arms of a rollout. */
export const variants = ['primary', 'canary'] as const

/** An arm of a rollout. */
export type Variant = (typeof variants)[number]

/** What a prediction counts as: class, label and latency. Classes are text: `1` and `"1"` are equal. */
export interface Outcome {
  /** When it happened, in milliseconds since 1970. */
  readonly timeMs: number
  readonly variant: Variant
  /** Class, or outputs whose class depends on the objective settings. */
  readonly predicted: string | undefined
  /** Why the prediction has no class. */
  readonly unreadable?: string
  readonly label: string | undefined
  /** At least 0; undefined if the request had no response. */
  readonly latencyMs: number | undefined
  readonly isError: boolean
  /** Whether the response has not come yet: an error with an unbounded latency, unless it comes in time. */
  readonly isPending: boolean
  /** Whether request and response were logged apart, so that the response may have come too late. */
  readonly isLogged: boolean
  /** Whose outcomes depend on this one, such as those of the same user; undefined if the event does not say. */
  readonly cluster?: string
  /** What else was measured; undefined if nothing was. */
  readonly measures?: Measures
}

/** Numbers that a model's response has besides its class. */
export interface Measures {
  /** The score of the positive class, for AUC: any number, more is more positive. */
  readonly score?: number
  /** Scores between 0 and 1 by name, such as those of a grader. */
  readonly scores?: Readonly<Record<string, number>>
  /** Latencies by name, such as the time to the first token; at least 0. */
  readonly latenciesMs?: Readonly<Record<string, number>>
  /** How fast the response was generated; at least 0. */
  readonly tokensPerSecond?: number
}
