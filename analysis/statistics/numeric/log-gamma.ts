const lanczosG = 7
const lanczosBase = 0.99999999999980993
const lanczos = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7
]
const stirlingFrom = 15
const halfLnTwoPi = 0.9189385332046727

/**
 * Returns `ln Gamma(x)` for `x > 0`, with an absolute error below 1e-13 times the larger of 1 and the value.
 * It uses Lanczos' series with g = 7 below 15, and Stirling's with four corrections above.
 */
export function logGamma(x: number): number {
  if (x >= stirlingFrom) return (x - 0.5) * Math.log(x) - x + halfLnTwoPi + stirlingTail(x)
  if (x < 1) return logGamma(x + 1) - Math.log(x)
  const shifted = x - 1
  let sum = lanczosBase
  for (const [at, coefficient] of lanczos.entries()) sum += coefficient / (shifted + at + 1)
  const top = shifted + lanczosG + 0.5
  return halfLnTwoPi + (shifted + 0.5) * Math.log(top) - top + Math.log(sum)
}

/** Returns the corrections to Stirling's formula for `ln Gamma(x)`, `x >= 15`. */
function stirlingTail(x: number): number {
  const square = x * x
  return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / x
}
