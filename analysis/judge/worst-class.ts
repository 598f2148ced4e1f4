import type { ObjectiveVerdict, Verdict } from './verdict.ts'

const worstFirst: readonly Verdict[] = ['fail', 'inconclusive', 'no-data', 'pass']

/**
 * Returns which of several classes decides: the one with the worst verdict, and of equal ones the one that is nearest
 * to failing.
 */
export function worstClass<T extends { readonly judged: ObjectiveVerdict }>(
  classes: readonly T[]
): T | undefined {
  return classes.toSorted((a, b) => {
    const order = worstFirst.indexOf(a.judged.verdict) - worstFirst.indexOf(b.judged.verdict)
    if (order !== 0) return order
    return a.judged.verdict === 'fail'
      ? lnOf(b.judged.lnEFail) - lnOf(a.judged.lnEFail)
      : lnOf(a.judged.lnEPass) - lnOf(b.judged.lnEPass)
  })[0]
}

function lnOf(lnE: number | null): number {
  return lnE ?? 0
}
