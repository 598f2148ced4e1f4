import { contributionOf, isFailed } from './count-outcome.ts'
import type { CountingRules } from './count-outcome.ts'
import type { PairCounter } from './counter.ts'
import type { Outcome, Variant } from './outcome.ts'

/** What both arms made of one request. */
export interface PairResult {
  readonly canaryBad: boolean
  readonly primaryBad: boolean
}

/** The predictions of both arms for one request. */
export type Pair = Readonly<Record<Variant, Outcome>>

/**
 * Returns what both arms made of a request; undefined if it does not count. Without a label it is the best that may
 * be true of the canary where FAIL is proved, and the worst where PASS is.
 */
export function pairOf(
  counter: PairCounter,
  pair: Pair,
  rules: CountingRules
): PairResult | undefined {
  const { of } = counter
  if (of.kind === 'accuracy' || of.kind === 'recall') {
    return labelledPair({ ...counter, of }, pair, rules)
  }
  const own = contributionOf(of, pair.canary, rules)
  const other = contributionOf(of, pair.primary, rules)
  return own === undefined || other === undefined
    ? undefined
    : { canaryBad: own === 1, primaryBad: other === 1 }
}

interface LabelledPair extends PairCounter {
  readonly of: Extract<PairCounter['of'], { kind: 'accuracy' | 'recall' }>
}

function labelledPair(
  { of, side, isBounded = false }: LabelledPair,
  { canary, primary }: Pair,
  rules: CountingRules
): PairResult | undefined {
  if (!isAnswered(canary, rules) || !isAnswered(primary, rules)) return undefined
  const label = canary.label ?? primary.label
  const positive = of.kind === 'recall' ? (of.positive ?? rules.positive) : undefined
  if (label !== undefined) {
    if (positive !== undefined && label !== positive) return undefined
    const isBad = (outcome: Outcome) =>
      isFailed(outcome, rules) || contributionOf(of, { ...outcome, label }, rules) === 1
    return { canaryBad: isBad(canary), primaryBad: isBad(primary) }
  }
  if (!isBounded) return undefined
  return positive === undefined
    ? unlabelledAccuracy({ canary, primary }, side, rules)
    : unlabelledRecall({ canary, primary }, { side, positive, rules })
}

/** Whether it is known what the response was. A response that has not come yet may still be right. */
function isAnswered(outcome: Outcome, rules: CountingRules): boolean {
  return !outcome.isPending && (isFailed(outcome, rules) || outcome.predicted !== undefined)
}

/** Equal predictions are right or wrong together, whatever the label. */
function unlabelledAccuracy(
  { canary, primary }: Pair,
  side: 'fail' | 'pass',
  rules: CountingRules
): PairResult {
  const [ownFailed, otherFailed] = [isFailed(canary, rules), isFailed(primary, rules)]
  const isSame = ownFailed === otherFailed && (ownFailed || canary.predicted === primary.predicted)
  if (isSame) return { canaryBad: true, primaryBad: true }
  return side === 'fail'
    ? { canaryBad: ownFailed, primaryBad: true }
    : { canaryBad: true, primaryBad: otherFailed }
}

/** A request counts only if it is labelled positive: it does where that speaks for the side that is bounded. */
function unlabelledRecall(
  { canary, primary }: Pair,
  at: {
    readonly side: 'fail' | 'pass'
    readonly positive: string
    readonly rules: CountingRules
  }
): PairResult | undefined {
  const isFound = (outcome: Outcome) =>
    !isFailed(outcome, at.rules) && outcome.predicted === at.positive
  const [canaryBad, primaryBad] = [!isFound(canary), !isFound(primary)]
  if (canaryBad === primaryBad) return undefined
  return canaryBad === (at.side === 'pass') ? { canaryBad, primaryBad } : undefined
}
