import { logBeta } from './log-beta.ts'

const mostTerms = 10_000
const precision = 1e-15
const tiny = 1e-300

/**
 * Returns the regularised incomplete beta function `I_x(a, b)` of positive `a` and `b`, by Lentz's continued
 * fraction (DLMF 8.17.22). The relative error is below 1e-10 where both are below a million.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  // The fraction converges fast below the mean.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a
  return Math.min(1, front * fraction(x, a, b))
}

function fraction(x: number, a: number, b: number): number {
  let c = 1
  let d = inverse(1 - ((a + b) * x) / (a + 1))
  let product = d
  for (let m = 1; m <= mostTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = inverse(1 + even * d)
    c = nonZero(1 + even / c)
    product *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = inverse(1 + odd * d)
    c = nonZero(1 + odd / c)
    product *= d * c
    if (Math.abs(d * c - 1) < precision) break
  }
  return product
}

function inverse(value: number): number {
  return 1 / nonZero(value)
}

function nonZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value
}
