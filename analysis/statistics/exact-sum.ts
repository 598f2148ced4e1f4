/** Numbers are rounded to multiples of it. */
const unit = 2 ** -34

/**
 * Rounds a number so that sums of such numbers are exact: they are the same to the last digit in any order, and what
 * was added can be taken back (docs/statistics/means.md). Holds for sums of up to 500,000; the rounding is at most 3e-11.
 */
export function summable(value: number): number {
  return Math.round(value / unit) * unit
}
