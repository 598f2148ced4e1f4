import { logGamma } from './log-gamma.ts'

/** `ln B(a, b) = ln Gamma(a) + ln Gamma(b) - ln Gamma(a + b)` for positive `a` and `b`. */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/** `ln` of the number of ways to choose `part` of `whole`; -Infinity where there is none. */
export function logChoose(whole: number, part: number): number {
  if (part < 0 || part > whole) return -Infinity
  if (part === 0 || part === whole) return 0
  return logGamma(whole + 1) - logGamma(part + 1) - logGamma(whole - part + 1)
}
