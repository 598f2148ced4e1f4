import { contributionOf } from '../counter/count-outcome.ts'
import type { CountingRules } from '../counter/count-outcome.ts'
import { counterName } from '../counter/counter.ts'
import type { Counter } from '../counter/counter.ts'
import type { Outcome } from '../counter/outcome.ts'
import { addCounts, noCounts } from '../statistics/counts.ts'
import type { RateCounts } from '../statistics/counts.ts'
import { summable } from '../statistics/exact-sum.ts'
import type { ItemAnswer } from './item-answer.ts'

/** What counters have counted of answered items, by their names. Plain JSON. */
export type CountedItems = Readonly<Record<string, RateCounts>>

/** How items count. */
export type ItemRules = Pick<CountingRules, 'positive' | 'tolerance' | 'errorCap'>

/** Adds an answered item. An error counts nowhere. */
export function addCounted(
  known: CountedItems,
  { label, answer }: { readonly label: string; readonly answer: ItemAnswer },
  { counters, rules }: { readonly counters: readonly Counter[]; readonly rules: ItemRules }
): CountedItems {
  const outcome = outcomeOfItem(label, answer)
  const added = counters.flatMap(counter => {
    const amount = contributionOf(counter, outcome, { ...ofTime, ...rules })
    const name = counterName(counter)
    const counts = known[name] ?? noCounts
    return amount === undefined
      ? []
      : [[name, addCounts(counts, { events: 1, bad: summable(amount) })] as const]
  })
  return added.length === 0 ? known : { ...known, ...Object.fromEntries(added) }
}

/** Whether an answer is wrong: another class, or too far from the label. */
export function isWrongAnswer(label: string, predicted: string, rules: ItemRules): boolean {
  const answer = { predicted, latencyMs: undefined }
  const counted = { ...ofTime, ...rules }
  return contributionOf({ kind: 'accuracy' }, outcomeOfItem(label, answer), counted) === 1
}

function outcomeOfItem(label: string, { predicted }: ItemAnswer): Outcome {
  return {
    timeMs: 0,
    variant: 'canary',
    predicted,
    label,
    latencyMs: undefined,
    isError: predicted === undefined,
    isPending: false,
    isLogged: false
  }
}

/** A replay has no time. */
const ofTime = {
  responseTimeoutMs: Number.POSITIVE_INFINITY,
  warmUntilMs: Number.NEGATIVE_INFINITY,
  cuts: undefined
} as const
