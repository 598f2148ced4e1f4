/**
 * Returns the share of false positives and false negatives, of all events but true negatives, that belongs to a
 * value of F1. Derivation: docs/statistics/fixed.md#rates.
 */
export function badRatioOfF1(f1: number): number {
  return Number(((2 * (1 - f1)) / (2 - f1)).toPrecision(12))
}

/** The reverse of {@link badRatioOfF1}. */
export function f1OfBadRatio(badRatio: number): number {
  return (2 * (1 - badRatio)) / (2 - badRatio)
}
