/** A share and its bounds. */
export interface ShareInterval {
  readonly low: number
  readonly high: number
}

/** The 97.5 % point of the standard normal distribution. */
const z = 1.959963984540054

/**
 * The 95 % score interval of a share (Wilson 1927), which stays within 0 and 1 for the smallest groups.
 *
 * @param part of `whole`, which is at least 1
 */
export function wilsonInterval(part: number, whole: number): ShareInterval {
  const share = part / whole
  const scale = 1 + (z * z) / whole
  const centre = share + (z * z) / (2 * whole)
  const spread = z * Math.sqrt((share * (1 - share)) / whole + (z * z) / (4 * whole * whole))
  return {
    low: Math.max(0, (centre - spread) / scale),
    high: Math.min(1, (centre + spread) / scale)
  }
}
