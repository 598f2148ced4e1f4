/**
 * The evidence against the two null hypotheses, as natural logarithms of e-values; 0 before any data. It may
 * be checked any number of times without more errors: docs/statistics.md#e-processes.
 */
export interface Evidence {
  /** Against "the canary meets its limit". Proved at alpha, it is a FAIL. */
  readonly lnEFail: number
  /** Against "the canary is beyond limit and margin". Proved at beta, it is a PASS. */
  readonly lnEPass: number
}

/** Whether the e-value has reached `1/level`; `level` in (0, 1]. */
export function isProved(lnE: number, level: number): boolean {
  return lnE >= -Math.log(level)
}
