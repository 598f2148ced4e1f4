import type { CountingRules } from './count-outcome.ts'
import type { Counter } from './counter.ts'
import type { Grid } from './grid.ts'
import type { Outcome } from './outcome.ts'
import type { CellChange } from './series.ts'

/** A counter with its name and grid. */
export interface ReadyCounter {
  readonly counter: Counter
  readonly name: string
  readonly grid: Grid
  readonly waitsForLabels: boolean
}

/** A prediction before and after a message. */
export interface PredictionUpdate {
  /** Identifies the prediction within its rollout. */
  readonly key: string
  /** Undefined for a new prediction. */
  readonly before: Outcome | undefined
  readonly after: Outcome
  /** When the first message of the prediction that is not a label arrived, in milliseconds since 1970. */
  readonly firstMs: number
  /** The other arm's prediction for the same request, where requests are mirrored. */
  readonly other?: OtherPrediction
}

/** A prediction of the other arm, and when its first message that is not a label arrived. */
export interface OtherPrediction {
  readonly outcome: Outcome
  readonly firstMs: number
}

/** How an update changes a counter. */
export interface CounterChanges {
  readonly changes: readonly CellChange[]
  /** Whether a part came too late to count, or to be compared. */
  readonly isLate: boolean
}

/** How updates of an analysis count, and when one arrived. */
export interface ChangeRules {
  readonly rules: CountingRules
  /** When the update arrived, in milliseconds since 1970. */
  readonly nowMs: number
  /** If false, a label that came with its prediction does not wait. */
  readonly isMaturityGiven: boolean
}
