/** Bounds of an estimate, in the estimate's own unit. */
export interface Interval {
  readonly low: number
  readonly high: number
}
