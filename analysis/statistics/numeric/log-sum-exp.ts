/** `ln(sum of exp(value))` without overflow: the largest value is taken out first. -Infinity for none. */
export function logSumExp(values: readonly number[]): number {
  let largest = -Infinity
  for (const value of values) if (value > largest) largest = value
  if (!Number.isFinite(largest)) return largest
  let sum = 0
  for (const value of values) sum += Math.exp(value - largest)
  return largest + Math.log(sum)
}

/** `ln` of the mean of `exp(value)`: the logarithm of an average of e-values. */
export function logMeanExp(values: readonly number[]): number {
  return logSumExp(values) - Math.log(values.length)
}

/** `ln(1 + exp(value))`, exact at both ends. */
export function softplus(value: number): number {
  return Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)))
}
