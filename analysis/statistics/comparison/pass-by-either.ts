import type { Evidence } from '../evidence.ts'
import { logMeanExp } from '../numeric/log-sum-exp.ts'

/**
 * Returns the evidence of a comparison that passes by odds or by a margin. The claim of PASS is "not more than so
 * many times the odds, or not more than so many more bad events"; where it is false, both are exceeded, so the
 * mean of the two e-values is one. FAIL is that of the odds.
 * Derivation: docs/statistics/comparison.md#where-nobody-errs.
 */
export function passByEither(odds: Evidence, margin: Evidence): Evidence {
  return { lnEFail: odds.lnEFail, lnEPass: logMeanExp([odds.lnEPass, margin.lnEPass]) }
}
