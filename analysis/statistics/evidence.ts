/**
 * What the data say against the two null hypotheses, as natural logs of e-values (0 before any
 * data). By Ville's inequality an e-process exceeds 1/alpha with probability at most alpha when its
 * null hypothesis holds, however often it is looked at.
 */
export interface Evidence {
  /** Against "the canary meets its limit": {@link isProved} at alpha makes it a FAIL. */
  readonly lnEFail: number
  /** Against "the canary is beyond limit and margin": proved at beta it is a PASS. */
  readonly lnEPass: number
}

/** True when the e-value reached `1/level`. `level` in (0, 1]. */
export function isProved(lnE: number, level: number): boolean {
  return lnE >= -Math.log(level)
}
