/**
 * The text keys and values that give objectives, such as `precision.min` and `0.92`: the metadata of a hook,
 * the flattened spec of a ModelAnalysis, or both.
 */
export type ObjectiveSettings = ReadonlyMap<string, string>
