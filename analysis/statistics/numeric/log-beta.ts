import { logGamma } from './log-gamma.ts'

/** Returns the logarithm of the beta function of positive `a` and `b`. */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/** Returns the logarithm of the binomial coefficient; -Infinity if it is 0. */
export function logChoose(whole: number, part: number): number {
  if (part < 0 || part > whole) return -Infinity
  if (part === 0 || part === whole) return 0
  return logGamma(whole + 1) - logGamma(part + 1) - logGamma(whole - part + 1)
}
