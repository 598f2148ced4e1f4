/** A key of the objective settings: whole in hook metadata, nested at its dots in a ModelAnalysis. */
export interface SettingKey {
  /** `min-events`, `replay.url`; `<metric>.margin` for one that every metric has. */
  readonly name: string
  /** How its value reads: `a ratio between 0 and 1`, `a Go duration, such as 100ms`. */
  readonly value: string
  /** As it would be written; absent where there is none. */
  readonly default?: string
  readonly description: string
}
