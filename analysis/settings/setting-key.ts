/** A key of the objective settings: whole in hook metadata, nested at its dots in a ModelAnalysis. */
export interface SettingKey {
  /** `min-events`, `replay.url`; `<metric>.margin` for one that every metric has. */
  readonly name: string
  /** The form of its value: `a ratio between 0 and 1`, `a Go duration, such as 100ms`. */
  readonly value: string
  /** The default as text; absent if there is none. */
  readonly default?: string
  readonly description: string
}
