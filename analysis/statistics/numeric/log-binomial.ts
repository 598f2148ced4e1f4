const halfLnTwoPi = 0.9189385332046727
const tableLength = 16
const factorialErrors = Array.from({ length: tableLength }, (_, n) => {
  let factorial = 1
  for (let factor = 2; factor <= n; factor++) factorial *= factor
  return n === 0 ? 0 : Math.log(factorial) - (n + 0.5) * Math.log(n) + n - halfLnTwoPi
})

/**
 * Returns the logarithm of the binomial probability of `part` successes in `whole` trials; `rate + rest = 1`.
 * It uses Loader's saddle-point form (Loader 2000), which keeps 13 digits at ten million trials, where
 * differences of log-gammas would lose them.
 */
export function logBinomial(
  part: number,
  whole: number,
  { rate, rest }: { readonly rate: number; readonly rest: number }
): number {
  if (part === 0) return whole === 0 ? 0 : whole * Math.log1p(-rate)
  if (part === whole) return whole * Math.log1p(-rest)
  const left = whole - part
  const corrections = factorialError(whole) - factorialError(part) - factorialError(left)
  const deviances = deviance(part, whole * rate) + deviance(left, whole * rest)
  return corrections - deviances + 0.5 * Math.log(whole / part / left) - halfLnTwoPi
}

/** Returns `ln n!` minus Stirling's formula. */
function factorialError(n: number): number {
  const known = factorialErrors[n]
  if (known !== undefined) return known
  const square = n * n
  return (
    (1 / 12 -
      (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square) /
    n
  )
}

/** Returns `x ln(x/mean) + mean - x`; by a series where the terms would cancel. */
function deviance(x: number, mean: number): number {
  const difference = x - mean
  if (Math.abs(difference) > 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x
  const ratio = difference / (x + mean)
  const square = ratio * ratio
  let power = 2 * x * ratio
  let sum = difference * ratio
  for (let odd = 3; ; odd += 2) {
    power *= square
    const next = sum + power / odd
    if (next === sum) return sum
    sum = next
  }
}
