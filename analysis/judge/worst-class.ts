import type { ObjectiveVerdict, Verdict } from './verdict.ts'

const worstFirst: readonly Verdict[] = ['fail', 'inconclusive', 'no-data', 'pass']

/**
 * Returns which of several classes decides: the one with the worst verdict, and of equal ones the one that is nearest
 * to failing. Only precision and recall have classes, so a lower estimate is worse.
 */
export function worstClass<T extends { readonly judged: ObjectiveVerdict }>(
  classes: readonly T[]
): T | undefined {
  return classes.toSorted((a, b) => {
    const order = worstFirst.indexOf(a.judged.verdict) - worstFirst.indexOf(b.judged.verdict)
    if (order !== 0) return order
    const distance =
      a.judged.verdict === 'fail'
        ? lnOf(b.judged.lnEFail) - lnOf(a.judged.lnEFail)
        : lnOf(a.judged.lnEPass) - lnOf(b.judged.lnEPass)
    return distance === 0 ? (a.judged.estimate ?? 1) - (b.judged.estimate ?? 1) : distance
  })[0]
}

function lnOf(lnE: number | null): number {
  return lnE ?? 0
}
